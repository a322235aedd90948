# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The servers that can be the lab's source, by name."""

from __future__ import annotations

from lab.config import LabConfig, SourceProduct
from lab.mysql.mariadb import MariaDB
from lab.mysql.mysql import MySQL
from lab.mysql.product import Product

PRODUCTS: dict[SourceProduct, Product] = {SourceProduct.MARIADB: MariaDB(), SourceProduct.MYSQL: MySQL()}


def product_of(config: LabConfig) -> Product:
    """The product of the lab in that folder; for a new lab, the one that was asked for."""
    remembered = config.mysql_dir / "product"
    return PRODUCTS[SourceProduct(remembered.read_text(encoding="ascii")) if remembered.exists() else config.source]
