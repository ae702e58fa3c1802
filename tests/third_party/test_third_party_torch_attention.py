"""Attention, its masks and normalisation against `torch.nn` and `torch.nn.functional`."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention.flex_attention import flex_attention

from reference.attention import masked_attention, self_attention
from reference.multi_head import causal_mask, multi_head_attention
from reference.normalization import layer_norm, layer_norm_backward, post_norm_residual, pre_norm_residual
from reference.relative import decomposed_relative_scores, relative_attention, relative_attention_scores
from tests.third_party.comparing import EXACT, gradients, leaf, normal

LENGTH, WIDTH, HEADS = 5, 8, 2


def projections(rng: torch.Generator) -> list[Tensor]:
    return [leaf(rng, WIDTH, WIDTH) for _ in range(4)]


def test_scaled_dot_product_attention_with_an_additive_mask(rng: torch.Generator) -> None:
    queries, keys, values = (leaf(rng, 3, LENGTH, WIDTH) for _ in range(3))
    mask = normal(rng, LENGTH, LENGTH)

    ours = masked_attention(queries, keys, values, mask)
    theirs = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)

    torch.testing.assert_close(ours, theirs, **EXACT)
    inputs = (queries, keys, values)
    torch.testing.assert_close(
        gradients(ours.square().sum(), *inputs), gradients(theirs.square().sum(), *inputs), **EXACT
    )


def test_the_causal_mask_is_theirs() -> None:
    assert torch.equal(causal_mask(LENGTH), nn.Transformer.generate_square_subsequent_mask(LENGTH))


def test_the_causal_mask_is_what_is_causal_does(rng: torch.Generator) -> None:
    queries, keys, values = normal(rng, 3, 2, LENGTH, WIDTH)

    theirs = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)

    torch.testing.assert_close(masked_attention(queries, keys, values, causal_mask(LENGTH).double()), theirs, **EXACT)


def test_true_means_allowed_in_one_of_their_functions_and_forbidden_in_another(rng: torch.Generator) -> None:
    """`scaled_dot_product_attention` attends where a mask is True, `nn.MultiheadAttention` where it is False."""
    x = normal(rng, 1, LENGTH, WIDTH)
    allowed = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
    identity = torch.eye(WIDTH, dtype=torch.float64)
    layer = attention_layer([identity] * 4, heads=1)

    ours = masked_attention(x, x, x, causal_mask(LENGTH).double())

    torch.testing.assert_close(functional.scaled_dot_product_attention(x, x, x, attn_mask=allowed), ours, **EXACT)
    torch.testing.assert_close(layer(x, x, x, attn_mask=~allowed, need_weights=False)[0], ours, **EXACT)


def attention_layer(weights: list[Tensor], heads: int) -> nn.MultiheadAttention:
    """Their layer with our weights: they compute x Wᵀ, we x W, and Q, K and V lie in one matrix."""
    layer = nn.MultiheadAttention(WIDTH, heads, bias=False, batch_first=True, dtype=torch.float64)
    w_q, w_k, w_v, w_o = weights
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([w_q.T, w_k.T, w_v.T]))
        layer.out_proj.weight.copy_(w_o.T)
    return layer


def test_multi_head_attention_has_their_weights_transposed(rng: torch.Generator) -> None:
    x, weights = leaf(rng, 3, LENGTH, WIDTH), projections(rng)
    layer = attention_layer(weights, HEADS)

    ours = multi_head_attention(x, *weights, HEADS)
    theirs = layer(x, x, x, need_weights=False)[0]

    torch.testing.assert_close(ours, theirs, **EXACT)
    *own_projections, own_output = gradients(ours.square().sum(), *weights)
    packed, output = gradients(theirs.square().sum(), layer.in_proj_weight, layer.out_proj.weight)
    torch.testing.assert_close(torch.cat([grad.T for grad in own_projections]), packed, **EXACT)
    torch.testing.assert_close(own_output.T, output, **EXACT)


def test_a_mask_for_each_head_is_flattened_over_the_batch_in_theirs(rng: torch.Generator) -> None:
    x, weights = normal(rng, 3, LENGTH, WIDTH), projections(rng)
    mask = normal(rng, 3, HEADS, LENGTH, LENGTH)
    layer = attention_layer(weights, HEADS)

    ours = multi_head_attention(x, *weights, HEADS, mask)

    torch.testing.assert_close(ours, layer(x, x, x, attn_mask=mask.flatten(0, 1), need_weights=False)[0], **EXACT)


def test_self_attention_is_one_head_without_an_output_projection(rng: torch.Generator) -> None:
    x, (w_q, w_k, w_v, _) = normal(rng, 3, LENGTH, WIDTH), projections(rng)
    layer = attention_layer([w_q, w_k, w_v, torch.eye(WIDTH, dtype=torch.float64)], heads=1)

    torch.testing.assert_close(self_attention(x, w_q, w_k, w_v), layer(x, x, x, need_weights=False)[0], **EXACT)


def test_layer_norm_and_its_backward_pass(rng: torch.Generator) -> None:
    x, gamma, beta, grad_output = leaf(rng, 3, 4, WIDTH), leaf(rng, WIDTH), leaf(rng, WIDTH), normal(rng, 3, 4, WIDTH)
    theirs = functional.layer_norm(x, (WIDTH,), gamma, beta, 1e-5)

    torch.testing.assert_close(layer_norm(x, gamma, beta, 1e-5), theirs, **EXACT)
    ours = layer_norm_backward(grad_output, x, gamma, 1e-5)
    torch.testing.assert_close(ours, torch.autograd.grad(theirs, (x, gamma, beta), grad_output), **EXACT)


def encoder_layer(rng: torch.Generator, *, norm_first: bool) -> nn.TransformerEncoderLayer:
    layer = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 12, dropout=0.0, activation=identity, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(normal(rng, *parameter.shape))
        for bias in (
            layer.self_attn.in_proj_bias,
            layer.self_attn.out_proj.bias,
            layer.linear1.bias,
            layer.linear2.bias,
        ):
            bias.zero_()
    return layer


def identity(hidden: Tensor) -> Tensor:
    return hidden


def attended(layer: nn.TransformerEncoderLayer, x: Tensor) -> Tensor:
    w_q, w_k, w_v = (weight.T for weight in layer.self_attn.in_proj_weight.chunk(3))
    return multi_head_attention(x, w_q, w_k, w_v, layer.self_attn.out_proj.weight.T, HEADS)


def feed_forward(layer: nn.TransformerEncoderLayer) -> Tensor:
    """With the identity as activation both linear maps are one."""
    return layer.linear1.weight.T @ layer.linear2.weight.T


def test_post_norm_is_their_encoder_layer(rng: torch.Generator) -> None:
    layer, x = encoder_layer(rng, norm_first=False), normal(rng, 2, LENGTH, WIDTH)
    first, second = layer.norm1, layer.norm2

    middle = post_norm_residual(x, attended(layer, x), first.weight, first.bias, first.eps)
    ours = post_norm_residual(middle, middle @ feed_forward(layer), second.weight, second.bias, second.eps)

    torch.testing.assert_close(ours, layer(x), **EXACT)


def test_pre_norm_is_their_encoder_layer_with_norm_first(rng: torch.Generator) -> None:
    layer, x = encoder_layer(rng, norm_first=True), normal(rng, 2, LENGTH, WIDTH)
    first, second = layer.norm1, layer.norm2

    middle = x + attended(layer, layer_norm(x, first.weight, first.bias, first.eps))
    ours = pre_norm_residual(middle, feed_forward(layer), second.weight, second.bias, second.eps)

    torch.testing.assert_close(ours, layer(x), **EXACT)


def test_relative_attention_is_theirs_with_the_position_scores_as_a_bias(rng: torch.Generator) -> None:
    queries, keys, values = normal(rng, 3, 2, LENGTH, WIDTH)
    embeddings = normal(rng, 2 * LENGTH - 1, WIDTH)
    bias = relative_attention_scores(queries, torch.zeros_like(keys), embeddings)

    theirs = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)

    torch.testing.assert_close(relative_attention(queries, keys, values, embeddings), theirs, **EXACT)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile:UserWarning")
def test_relative_attention_is_a_score_modification_of_theirs(rng: torch.Generator) -> None:
    """They hand over the scaled score, so what is added to it is scaled as well."""
    queries, keys, values = normal(rng, 3, 1, HEADS, LENGTH, WIDTH)
    embeddings = normal(rng, 2 * LENGTH - 1, WIDTH)

    def with_position(score: Tensor, batch: Tensor, head: Tensor, i: Tensor, j: Tensor) -> Tensor:
        return score + (queries[batch, head, i] * embeddings[i - j + LENGTH - 1]).sum(-1) / WIDTH**0.5

    theirs = flex_attention(queries, keys, values, score_mod=with_position)

    torch.testing.assert_close(relative_attention(queries, keys, values, embeddings), theirs, **EXACT)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile:UserWarning")
def test_decomposed_scores_are_a_score_modification_of_theirs(rng: torch.Generator) -> None:
    queries, keys, values = normal(rng, 3, 1, 1, LENGTH, WIDTH)
    relative, u, v = normal(rng, LENGTH, LENGTH, WIDTH), normal(rng, WIDTH), normal(rng, WIDTH)

    def decomposed(score: Tensor, batch: Tensor, head: Tensor, i: Tensor, j: Tensor) -> Tensor:
        query, key = queries[batch, head, i], keys[batch, head, j]
        return score + ((query + v) * relative[i, j] + u * key).sum(-1) / WIDTH**0.5

    weights = torch.softmax(decomposed_relative_scores(queries, keys, relative, u, v), dim=-1)

    torch.testing.assert_close(weights @ values, flex_attention(queries, keys, values, score_mod=decomposed), **EXACT)
