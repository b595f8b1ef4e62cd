"""Tags, notes and saved comparisons of the variants of a workspace."""

from __future__ import annotations

from typing import Any

from recengine.types.runs import SavedView, VariantNote
from recengine.variants.marks import KeptView, KeptViews, VariantMarks
from recengine.workspace.context import Context
from recengine.workspace.text import iso


class Marks:
    """What people write on variants. Nothing here changes a variant itself."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._marks, self._views = VariantMarks(context.policies.database), KeptViews(context.policies.database)

    def tags(self) -> dict[str, tuple[str, ...]]:
        """Variant id → its tags; variants without one are left out."""
        return self._marks.tags()

    def tag(self, variant: str, tags: list[str], who: str = "") -> tuple[str, ...]:
        """Give a variant exactly these tags. Raises NotFound, or BadInput for more than 12 or one of more than 40 characters."""
        self._context.variants.info(variant)
        return self._marks.set_tags(variant, tags, who)

    def notes(self, variant: str) -> tuple[VariantNote, ...]:
        """Notes on a variant, newest first. Raises NotFound."""
        self._context.variants.info(variant)
        return tuple(VariantNote(n.variant, n.seq, n.text, n.who, iso(n.written_s)) for n in self._marks.notes(variant))

    def note(self, variant: str, text: str, who: str = "") -> None:
        """Add a note. Raises NotFound, or BadInput for an empty one or one of more than 2,000 characters."""
        self._context.variants.info(variant)
        self._marks.note(variant, text, who)

    def remove_note(self, variant: str, seq: int, who: str = "") -> None:
        """Take a note away; the audit trail keeps its text. Raises NotFound."""
        self._marks.remove_note(variant, seq, who)

    def views(self, dataset: str) -> tuple[SavedView, ...]:
        """Saved comparisons of a dataset, by name."""
        return tuple(_saved(row) for row in self._views.list(dataset))

    def view(self, view: str) -> SavedView:
        """One saved comparison. Variants that were deleted since are still named in it. Raises NotFound."""
        return _saved(self._views.get(view))

    def save_view(
        self,
        dataset: str,
        name: str,
        variants: list[str],
        metric: str,
        tags: list[str] | None = None,
        shown: dict[str, str] | None = None,
        who: str = "",
    ) -> SavedView:
        """Keep a comparison under a name; one of the same name is replaced and keeps its link.

        Args:
            dataset: id of the dataset.
            name: 1 to 80 characters.
            variants: ids, as chosen.
            metric: such as ndcg@10.
            tags: only variants with one of these are chosen from.
            shown: what else the page shows: reference of the segments, the other axis, the view behind the figures.
            who: who saved it.

        Raises:
            NotFound: an unknown dataset or variant.
            BadInput: no name, or one that is too long.
        """
        self._context.datasets.info(dataset)
        for variant in variants:
            self._context.variants.info(variant)
        content: dict[str, Any] = {"variants": list(variants), "metric": metric, "tags": list(tags or ()), "shown": dict(shown or {})}
        return self.view(self._views.save(dataset, name, content, who))

    def delete_view(self, view: str, who: str = "") -> None:
        """Remove a saved comparison. Raises NotFound."""
        self._views.delete(view, who)


def _saved(row: KeptView) -> SavedView:
    content = row.view
    return SavedView(
        row.id, row.name, row.dataset, tuple(content["variants"]), content["metric"], tuple(content["tags"]), content["shown"], row.who,
        iso(row.saved_s),
    )  # fmt: skip
