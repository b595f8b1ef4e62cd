"""Fixtures of the page tests."""

from page_shops import empty_shop, hostile_shop, open_page, shop, untrained_shop

__all__ = ["empty_shop", "hostile_shop", "open_page", "shop", "untrained_shop"]
