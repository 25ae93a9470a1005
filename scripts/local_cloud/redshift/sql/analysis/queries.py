"""Walks the queries of a statement: relations in scope, columns out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.analysis.catalog import Catalog, Columns, relation_name
from local_cloud.redshift.sql.analysis.clauses.connect_by import without_connect_by
from local_cloud.redshift.sql.analysis.clauses.late_views import MARK, bound
from local_cloud.redshift.sql.analysis.clauses.outer_joins import without_outer_marks
from local_cloud.redshift.sql.analysis.clauses.pivots import pivoted
from local_cloud.redshift.sql.analysis.clauses.qualify import without_qualify
from local_cloud.redshift.sql.analysis.clauses.select_list import excluded_columns, group_by_all, write_out_exclusions
from local_cloud.redshift.sql.analysis.correlation import check_correlated
from local_cloud.redshift.sql.analysis.expressions import Expressions, cast_decimal
from local_cloud.redshift.sql.analysis.labels import UNNAMED, label
from local_cloud.redshift.sql.analysis.navigation import SUPER, Unnesting
from local_cloud.redshift.sql.analysis.scope import LateralAlias, Outputs, Scope, outputs_of, renamed
from local_cloud.redshift.sql.analysis.types import Type, common


class Queries:
    """`labels` collects (select, index of a column without alias, its name), to be compared after the rewriting."""

    def __init__(self, catalog: Catalog, relations: Mapping[str, Columns]) -> None:
        self._relations = relations
        self.expressions = Expressions(catalog, self.query)
        self.labels: list[tuple[exp.Select, int, str]] = []

    def query(self, node: exp.Expr, parent: Scope) -> Outputs | None:
        """The columns of a query; None if they are not known."""
        if isinstance(node, exp.Subquery):
            scope = self.with_queries(node, Scope(parent))
            outputs = self.query(node.this, scope) if isinstance(node.this, exp.Query) else None
            self._visit_rest(node, ("this", "with_", "alias"), scope)
            return outputs
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, self.with_queries(node, Scope(parent)))
        if isinstance(node, exp.Select):
            if node.args.get("connect") is not None:
                without_connect_by(node)
            return self._select(node, self.with_queries(node, Scope(parent)))
        self.expressions.visit(node, parent)
        return None

    def with_queries(self, node: exp.Expr, scope: Scope) -> Scope:
        """The scope with the names of the WITH clause."""
        clause = node.args.get("with_")
        for cte in clause.expressions if clause is not None else ():
            name, names = cte.alias.lower(), [column.name.lower() for column in cte.args["alias"].columns]

            def register(outputs: Outputs | None, name: str = name, names: list[str] = names) -> None:
                scope.ctes[name] = renamed(outputs, names)

            if clause is not None and clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                inner = self.with_queries(cte.this, Scope(scope))
                register(self._set_operation(cte.this, inner, after_first=register))
            else:
                register(self.query(cte.this, scope))
        return scope

    def add_relation(self, node: exp.Expr, scope: Scope) -> None:
        """Adds a table, subquery or function of a FROM clause, and what is joined to it."""
        if (unnesting := Unnesting.of(node, scope)) is not None:
            self._add_elements(node, unnesting, scope)
            return
        if isinstance(node, exp.Pivot):
            self._add_attributes(node, scope)
            return
        if node.args.get("pivots"):
            node = self._pivoted(node, scope)
        if (columns := self._late_view(node, scope)) is not None and isinstance(node, exp.Table):
            view = bound(node, columns)
            node.replace(view)
            outputs: Outputs | None = outputs_of({name: kind for name, kind in columns.items() if name != MARK})
            scope.relations[view.alias_or_name.lower()] = renamed(outputs, view.alias_column_names)
            for join in node.args.get("joins") or ():
                self.add_join(join, scope)
            return
        alias = node.args.get("alias")
        names = [column.name.lower() for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            outputs = self._table(node, scope)
        elif isinstance(node, exp.Query):
            outputs = self.query(node, scope.parent or Scope()) if not scope.ctes else self.query(node, _outside(scope))
        else:
            if isinstance(alias, exp.TableAlias):  # cols(view_name name, ...) of PG_GET_COLS
                alias.set("columns", [exp.to_identifier(name, quoted=True) for name in names])
            outputs = [(name, None) for name in names or [node.alias.lower()]] if node.alias else None
            self.expressions.visit(node, scope)
        scope.relations[(node.alias_or_name or f"#{len(scope.relations)}").lower()] = renamed(outputs, names)
        for join in node.args.get("joins") or ():
            self.add_join(join, scope)

    def _pivoted(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """The relation with PIVOT or UNPIVOT as a subquery, which is analyzed in its place."""
        plain = node.copy()
        plain.set("pivots", None)
        inner = Scope(scope.parent, ctes=dict(scope.ctes))
        self.add_relation(exp.From(this=plain).this, inner)
        query = pivoted(node, next(iter(inner.relations.values())))
        node.replace(query)
        return query

    def _add_attributes(self, node: exp.Pivot, scope: Scope) -> None:
        """UNPIVOT value AS v AT a: a row for each attribute of an object."""
        item = node.this
        if not isinstance(item, exp.AtIndex) or not isinstance(item.this, exp.Alias):
            raise not_emulated("UNPIVOT in this form")
        value, attribute = item.this.alias.lower(), item.expression.name.lower() or f"name of {item.this.alias.lower()}"
        holder = exp.Paren(this=item.this.this.copy())
        self.expressions.type_of(holder.this, scope)
        relation = f"unnested {value}"
        columns = [exp.to_identifier(name, quoted=True) for name in (value, attribute)]
        node.replace(
            exp.Lateral(
                this=exp.Anonymous(this="redshift.super_attributes", expressions=[holder.this]),
                alias=exp.TableAlias(this=exp.to_identifier(relation, quoted=True), columns=columns),
            )
        )
        scope.relations[relation] = [(value, SUPER), (attribute, Type("varchar"))]

    def _add_elements(self, node: exp.Expr, unnesting: Unnesting, scope: Scope) -> None:
        holder = exp.Paren(this=unnesting.path)
        self.expressions.type_of(unnesting.path, scope)
        node.replace(unnesting.lateral(holder.this))
        scope.relations[unnesting.relation] = [(unnesting.name, SUPER), (unnesting.place, Type("int8"))]

    def add_join(self, join: exp.Join, scope: Scope) -> None:
        self.add_relation(join.this, scope)
        if join.args.get("on") is not None:
            self.expressions.type_of(join.args["on"], scope)
        scope.merged += [column.name.lower() for column in join.args.get("using") or ()]
        if join.method == "NATURAL":  # its columns are merged, but which ones is not looked up
            scope.relations = dict.fromkeys(scope.relations)

    def _late_view(self, node: exp.Expr, scope: Scope) -> Columns | None:
        """The columns of a late-binding view; None for any other relation."""
        if not isinstance(node, exp.Table) or (not node.db and scope.cte(node.name.lower())[0]):
            return None
        columns = self._relations.get(relation_name(node)) if isinstance(node.this, exp.Identifier) else None
        return columns if columns is not None and MARK in columns else None

    def _table(self, node: exp.Table, scope: Scope) -> Outputs | None:
        if not node.db:
            is_cte, outputs = scope.cte(node.name.lower())
            if is_cte:
                return outputs
        return outputs_of(self._relations.get(relation_name(node)))

    def _select(self, node: exp.Select, scope: Scope) -> Outputs | None:
        if (source := node.args.get("from_")) is not None:
            self.add_relation(source.this, scope)
        for join in node.args.get("joins") or ():
            if join.args.get("pivots"):
                raise SqlError("PIVOT and UNPIVOT cannot be applied to a JOIN")
            self.add_join(join, scope)
        without_outer_marks(node, scope)
        write_out_exclusions(node, scope)
        outputs = self._projections(node, scope)
        for key in ("where", "qualify"):  # these can name the aliases of the select list
            if node.args.get(key) is not None:
                self.expressions.type_of(node.args[key].this, scope)
        scope.aliases = {}
        self._visit_rest(node, ("expressions", "from_", "joins", "where", "with_", "qualify"), scope)
        check_correlated(node, scope)
        if node.args.get("qualify") is not None:
            without_qualify(node, scope)
        if (group := node.args.get("group")) is not None and group.args.get("all"):
            group_by_all(node, group)
        return outputs

    def _projections(self, node: exp.Select, scope: Scope) -> Outputs | None:
        outputs: Outputs | None = []
        for i, one in enumerate(list(node.expressions)):
            star = _star(one)
            if star is not None:
                columns = scope.star(*star)
                if columns is not None and isinstance(node.parent, exp.SetOperation) and _has_decimal(columns):
                    written = [column.copy() for column, _ in columns]
                    at = node.expressions.index(one)
                    node.set("expressions", [*node.expressions[:at], *written, *node.expressions[at + 1 :]])
                more = None if columns is None else [(column.name, kind) for column, kind in columns]
                outputs = None if outputs is None or more is None else outputs + more
                continue
            name = label(one)
            kind = self.expressions.type_of(one, scope)
            if isinstance(one, exp.Alias):
                scope.aliases.setdefault(one.alias.lower(), LateralAlias(one.this, kind))
            elif name is not None:
                self.labels.append((node, i, name.lower()))
            if kind is not None and node.args.get("qualify") and not isinstance(one.unalias(), exp.Column):
                cast_decimal(one.unalias(), kind)
            if outputs is not None:
                outputs.append(((name or UNNAMED).lower(), kind))
        return outputs

    def _set_operation(
        self, node: exp.SetOperation, scope: Scope, after_first: Callable[[Outputs | None], None] | None = None
    ) -> Outputs | None:
        left = self.query(node.this, scope)
        if after_first is not None:
            after_first(left)
        right = self.query(node.expression, scope)
        self._visit_rest(node, ("this", "expression", "with_"), scope)
        if left is None or right is None or len(left) != len(right):
            return left
        kinds = [common((a, b)) for (_, a), (_, b) in zip(left, right, strict=True)]
        cast_outputs(node.this, kinds, left)
        cast_outputs(node.expression, kinds, right)
        return [(name, kind) for (name, _), kind in zip(left, kinds, strict=True)]

    def _visit_rest(self, node: exp.Expr, done: tuple[str, ...], scope: Scope) -> None:
        for key, value in list(node.args.items()):
            if key not in done:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, exp.Expr):
                        self.expressions.type_of(child, scope)


def cast_outputs(node: exp.Expr, kinds: list[Type | None], outputs: Outputs | None = None) -> None:
    """Casts the columns of a query to these types, where they are decimals that PostgreSQL would not show as such."""
    if isinstance(node, exp.Subquery):
        cast_outputs(node.this, kinds, outputs)
    elif isinstance(node, exp.SetOperation):
        cast_outputs(node.this, kinds, outputs)
        cast_outputs(node.expression, kinds, outputs)
    elif isinstance(node, exp.Select) and len(node.expressions) == len(kinds):
        for i, (one, kind) in enumerate(zip(list(node.expressions), kinds, strict=True)):
            inner = one.this if isinstance(one, exp.Alias) else one
            same = outputs is not None and outputs[i][1] == kind
            if kind is None or (same and isinstance(inner, exp.Column)) or isinstance(inner, exp.Null):
                continue
            if not (isinstance(inner, exp.Cast) and inner.to == kind.sql()):
                _order_by_number(node, inner, i)
                _cast_projection(one, inner, kind)


def _order_by_number(node: exp.Select, inner: exp.Expr, i: int) -> None:
    """With DISTINCT, ORDER BY must repeat an expression as it is; its number is the same."""
    order = node.args.get("order") if node.args.get("distinct") else None
    for key in order.expressions if order is not None else ():
        if key.this == inner:
            key.set("this", exp.Literal.number(i + 1))


def _cast_projection(one: exp.Expr, inner: exp.Expr, kind: Type) -> None:
    name = inner.name if isinstance(inner, exp.Column) else None
    cast_decimal(inner, kind)
    if name and one is inner and isinstance(inner.parent, exp.Cast):
        cast = inner.parent
        alias = exp.alias_(exp.Null(), name, quoted=True)
        cast.replace(alias)
        alias.set("this", cast)


def _star(node: exp.Expr) -> tuple[str, set[str]] | None:
    """The relation ('' for all) and the excluded columns of `*` or `t.*`."""
    star = node.this if isinstance(node, exp.Column) else node
    if not isinstance(star, exp.Star):
        return None
    return (node.table.lower() if isinstance(node, exp.Column) else ""), excluded_columns(star)


def _has_decimal(columns: list[tuple[exp.Column, Type | None]]) -> bool:
    """Whether a set operation may have to cast a column of `*`, which it can only do by name."""
    return any(kind is not None and kind.name == "numeric" for _, kind in columns)


def _outside(scope: Scope) -> Scope:
    """The scope of a subquery in FROM: the WITH queries, but not the relations beside it."""
    return Scope(scope.parent, ctes=scope.ctes)
