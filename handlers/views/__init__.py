"""Pure views: result in, blocks and text out. Rounding, currency and date formats happen here and only here."""
