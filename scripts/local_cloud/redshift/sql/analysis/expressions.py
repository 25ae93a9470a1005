"""Types of expressions, and the casts that give PostgreSQL's results Redshift's precision and scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from local_cloud.redshift.errors import NOT_ON_TABLES, SqlError, not_emulated
from local_cloud.redshift.sql.analysis.arithmetic import computed
from local_cloud.redshift.sql.analysis.catalog import Catalog
from local_cloud.redshift.sql.analysis.correlation import check_level
from local_cloud.redshift.sql.analysis.function_types import alternative, mixed, total
from local_cloud.redshift.sql.analysis.navigation import SUPER, attribute, element, navigated
from local_cloud.redshift.sql.analysis.scope import Outputs, Scope
from local_cloud.redshift.sql.analysis.types import (
    BOOLEAN,
    LITERAL,
    MAX_PRECISION,
    TEXT,
    TEXTS,
    Type,
    common,
    of_data_type,
)

_COMMON = {"greatest", "least", "isnull", "nvl", "coalesce"}
_SAME = {"min", "max", "any_value", "nullif", "abs", "lag", "lead", "first_value", "last_value", "nth_value"}


class Expressions:
    """`query` analyzes a query inside an expression."""

    def __init__(self, catalog: Catalog, query: Callable[[exp.Expr, Scope], Outputs | None]) -> None:
        self._catalog = catalog
        self._query = query

    def type_of(self, node: exp.Expr, scope: Scope) -> Type | None:
        """The type, after the expressions below the node and then the node itself have got their casts."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, scope)
        if isinstance(node, exp.Query):
            outputs = self._query(node, scope)
            return outputs[0][1] if outputs else None
        self.visit(node, scope)
        return BOOLEAN if isinstance(node, exp.Predicate | exp.Connector | exp.Not) else None

    def visit(self, node: exp.Expr, scope: Scope) -> None:
        """Analyzes what is below the node."""
        for child in list(node.iter_expressions()):
            self.type_of(child, scope)

    def _column(self, node: exp.Column, scope: Scope) -> Type | None:
        if (value := navigated(node, scope)) is not None:
            node.replace(value)
            return SUPER
        found, kind = scope.column(node.name.lower(), node.table.lower())
        if found:
            check_level(scope, node)
        alias = None if found or node.table else scope.aliases.get(node.name.lower())
        if alias is None:
            return kind
        copied = alias.expression.copy()
        node.replace(copied if isinstance(copied, exp.Column | exp.Literal) else exp.Paren(this=copied))
        return alias.type

    def _literal(self, node: exp.Literal, _: Scope) -> Type | None:
        if node.is_string:
            return LITERAL
        whole, point, fraction = node.this.partition(".")
        if not (whole + fraction).isdigit():
            return None  # 2.0e19
        if point:
            return Type("numeric", len(whole.lstrip("0")) + len(fraction) or 1, len(fraction))
        value = int(whole)
        return Type("int4") if value < 2**31 else Type("int8") if value < 2**63 else Type("numeric", len(whole), 0)

    def _unknown(self, _node: exp.Expr, _scope: Scope) -> Type:
        return LITERAL

    def _boolean(self, _node: exp.Expr, _scope: Scope) -> Type:
        return BOOLEAN

    def _inner(self, node: exp.Expr, scope: Scope) -> Type | None:
        return self.type_of(node.this, scope)

    def _integer(self, node: exp.Expr, scope: Scope) -> Type:
        self.visit(node, scope)
        return Type("int8")

    def _computed(self, node: exp.Binary, scope: Scope) -> Type | None:
        left, right = self.type_of(node.this, scope), self.type_of(node.expression, scope)
        kind = computed(type(node), left, right)
        if isinstance(node, exp.Div) and kind is not None and kind.name == "numeric" and kind.precision:
            scale = exp.Literal.number(kind.scale)
            quotient = exp.Anonymous(this="redshift.quotient", expressions=[node.this, node.expression, scale])
            node.replace(exp.Cast(this=quotient, to=kind.sql()))
        return kind

    def _concatenation(self, node: exp.Expr, scope: Scope) -> Type:
        for part in (node.this, node.expression):
            refuse_boolean_as_text(self.type_of(part, scope))
        return TEXT

    def _cast(self, node: exp.Cast, scope: Scope) -> Type | None:
        source, target = self.type_of(node.this, scope), of_data_type(node.to)
        if target is not None and target.name in TEXTS:
            refuse_boolean_as_text(source)
        if target is not None and target.name == "numeric" and source is not None and source.name == "numeric":
            self._cast_decimal(node, source, target)
        return target

    def _cast_decimal(self, node: exp.Cast, source: Type, target: Type) -> None:
        """An explicit cast of a value selected from a table is not rounded, and has an error of its own."""
        if not source.precision or node.this.find(exp.Column, exp.Query) is None:
            return
        if source.scale > target.scale:
            scale = exp.Literal.number(target.scale)
            node.set("this", exp.Anonymous(this="pg_catalog.trunc", expressions=[node.this, scale]))
        if source.precision - source.scale > target.precision - target.scale:
            digits = exp.Literal.number(target.precision - target.scale)
            node.set("this", exp.Anonymous(this="redshift.fitting", expressions=[node.this, digits]))

    def _case(self, node: exp.Case, scope: Scope) -> Type | None:
        if node.this is not None:
            self.type_of(node.this, scope)
        branches = []
        for branch in node.args["ifs"]:
            self.type_of(branch.this, scope)
            branches.append(self.type_of(branch.args["true"], scope))
        default = node.args.get("default")
        branches.append(LITERAL if default is None else self.type_of(default, scope))
        return self._cast_to_common(node, branches)

    def _nvl2(self, node: exp.Nvl2, scope: Scope) -> Type | None:
        self.type_of(node.this, scope)
        branches = [b for key in ("true", "false") if (b := node.args.get(key)) is not None]
        kinds = [self.type_of(branch, scope) for branch in branches]
        return mixed(branches, kinds) or self._cast_to_common(node, kinds)

    def _decode(self, node: exp.DecodeCase, scope: Scope) -> Type | None:
        """DECODE(value, search, result, search, result, ..., default)."""
        kinds = [self.type_of(one, scope) for one in list(node.expressions)]
        default = kinds[-1:] if len(kinds) % 2 == 0 else []
        return self._cast_to_common(node, [*kinds[2::2], *default])

    def _coalesce(self, node: exp.Coalesce, scope: Scope) -> Type | None:
        return self._cast_to_common(node, [self.type_of(o, scope) for o in [node.this, *node.expressions]])

    def _cast_to_common(self, node: exp.Expr, kinds: list[Type | None]) -> Type | None:
        kind = common(kinds)
        if kind is not None and any(one != kind for one in kinds):
            cast_decimal(node, kind)
        return kind

    def _window(self, node: exp.Window, scope: Scope) -> Type | None:
        for part in node.iter_expressions():
            if part is not node.this:
                self.type_of(part, scope)
        kind = self.type_of(node.this, scope)
        if isinstance(node.this, exp.Anonymous) and node.this.name.lower() == "sum" and kind == Type("int8"):
            argument = self._argument(node.this.expressions[0].copy(), scope)
            if argument == Type("int8"):
                node.this.set("this", "pg_catalog.sum")  # NUMERIC of a BIGINT, as a window function only
                return Type("numeric", MAX_PRECISION, 0)
        return kind

    def _function(self, node: exp.Anonymous, scope: Scope) -> Type | None:
        name = node.name.lower()
        kinds = [self._argument(one, scope) for one in list(node.expressions)]
        first = kinds[0] if kinds else None
        if name in _COMMON:
            return self._cast_to_common(node, kinds)
        if name in _SAME:
            return first
        if name in {"datediff", "date_diff"} and Type("timestamptz") in kinds:
            raise SqlError('function pg_catalog.date_diff("unknown", timestamp with time zone) does not exist')
        if name == "ln" and first is not None and first.name == "numeric" and node.find(exp.Column):
            raise SqlError(NOT_ON_TABLES)
        if name == "sign" and first is not None and first.name == "numeric":
            return Type("numeric", 1, 0)
        if name == "text_to_numeric_alt":
            return alternative(node)
        if name == "concat":
            for kind in kinds:
                refuse_boolean_as_text(kind)
        if name in {"sum", "avg"}:
            kind = total(first)
            if name == "avg" and kind is not None and kind.name == "numeric" and kind.precision:
                _average(node, kind)
            return kind
        return self._catalog.functions.get(name)

    def _argument(self, node: exp.Expr, scope: Scope) -> Type | None:
        if isinstance(node, exp.Distinct) and len(node.expressions) == 1:
            return self.type_of(node.expressions[0], scope)
        return self.type_of(node, scope)

    def _dot(self, node: exp.Dot, scope: Scope) -> Type | None:
        """pg_catalog.upper(a): a function of a schema; or an attribute of a SUPER."""
        if isinstance(node.expression, exp.Anonymous):
            kind = self.type_of(node.expression, scope)
            return kind if node.this.name.lower() in {"pg_catalog", "redshift"} else None
        if self.type_of(node.this, scope) != SUPER:
            raise not_emulated("Navigation in a value whose type is not known to be SUPER")
        node.replace(attribute(node.this, node.expression.name))
        return SUPER

    def _bracket(self, node: exp.Bracket, scope: Scope) -> Type | None:
        kind = self.type_of(node.this, scope)
        for place in node.expressions:
            self.type_of(place, scope)
        if kind != SUPER or len(node.expressions) != 1:
            raise not_emulated("Navigation in a value whose type is not known to be SUPER")
        node.replace(element(node.this, node.expressions[0]))
        return SUPER


def _average(node: exp.Anonymous, kind: Type) -> None:
    """AVG as SUM and COUNT, which are many times faster than the aggregate that window functions use."""
    if isinstance(node.parent, exp.Window):
        return
    total = exp.Anonymous(this="pg_catalog.sum", expressions=[one.copy() for one in node.expressions])
    number = exp.Anonymous(this="pg_catalog.count", expressions=[one.copy() for one in node.expressions])
    scale = exp.Literal.number(kind.scale)
    average = exp.Anonymous(this="redshift.average", expressions=[total, number, scale])
    node.replace(exp.Cast(this=average, to=kind.sql()))


def cast_decimal(node: exp.Expr, kind: Type) -> None:
    """CAST(node AS DECIMAL(p,s)) in the node's place, if `kind` is a DECIMAL with a known precision."""
    if kind.name == "numeric" and kind.precision:
        cast = exp.Cast(this=exp.Null(), to=kind.sql())
        node.replace(cast)
        cast.set("this", node)


def refuse_boolean_as_text(kind: Type | None) -> None:
    if kind == BOOLEAN:
        raise SqlError("cannot cast type boolean to character varying")


_HANDLERS: dict[type[exp.Expr], Callable[[Expressions, Any, Scope], Type | None]] = {
    exp.Column: Expressions._column,
    exp.Literal: Expressions._literal,
    exp.Null: Expressions._unknown,
    exp.Placeholder: Expressions._unknown,
    exp.Boolean: Expressions._boolean,
    exp.Paren: Expressions._inner,
    exp.Neg: Expressions._inner,
    exp.Alias: Expressions._inner,
    exp.Ordered: Expressions._inner,
    exp.Count: Expressions._integer,
    exp.Add: Expressions._computed,
    exp.Sub: Expressions._computed,
    exp.Mul: Expressions._computed,
    exp.Div: Expressions._computed,
    exp.Mod: Expressions._computed,
    exp.DPipe: Expressions._concatenation,
    exp.Cast: Expressions._cast,
    exp.Case: Expressions._case,
    exp.Nvl2: Expressions._nvl2,
    exp.DecodeCase: Expressions._decode,
    exp.Coalesce: Expressions._coalesce,
    exp.Window: Expressions._window,
    exp.Anonymous: Expressions._function,
    exp.Dot: Expressions._dot,
    exp.Bracket: Expressions._bracket,
}
