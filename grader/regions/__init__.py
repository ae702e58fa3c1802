"""Which regions of its inputs a problem's cases reach: of its signature, and sides of its reference's branches."""
