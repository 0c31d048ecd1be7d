"""What a newer OpenAPI description takes from those who keep to an older one.

Requests by the older one must fit the newer; answers by the newer one must fit the older, whose
readers pass over properties that they do not know, and over nothing else.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Described = Mapping[str, Any]
_FROM = {"minimum", "exclusiveMinimum", "minLength", "minItems"}
_UP_TO = {"maximum", "exclusiveMaximum", "maxLength", "maxItems"}
_AS_IT_IS = {"pattern", "format", "uniqueItems", "const", "contentMediaType"}


def broken(older: Described, newer: Described) -> list[str]:
    """Everything that somebody who knows the older description would stumble over."""
    found = [*_lost_properties(older, newer)]
    for path, ways in older["paths"].items():
        for method, operation in ways.items():
            at, now = f"{method} {path}", newer["paths"].get(path, {}).get(method)
            if now is None:
                found.append(f"{at}: gone")
                continue
            found += (f"{at}: {text}" for text in _requests(operation, now, older, newer))
            found += (f"{at}: {text}" for text in _answers(operation, now, older, newer))
    return found


def _lost_properties(older: Described, newer: Described) -> Iterator[str]:
    shapes = newer["components"]["schemas"]
    for name, shape in older["components"]["schemas"].items():
        # pydantic splits the name of a shape that is both asked and answered.
        now = shapes.get(name) or shapes.get(f"{name}-Output", {})
        for lost in shape.get("properties", {}).keys() - now.get("properties", {}):
            yield f"{name}.{lost}: gone"


def _requests(was: Described, now: Described, older: Described, newer: Described) -> Iterator[str]:
    if was.get("security") != now.get("security"):
        yield "who may ask has changed"
    before = {(one["in"], one["name"]): one for one in was.get("parameters", ())}
    after = {(one["in"], one["name"]): one for one in now.get("parameters", ())}
    for key in before.keys() - after.keys():
        yield f"{key[1]}: gone"
    for key, one in after.items():
        if one.get("required") and not before.get(key, {}).get("required"):
            yield f"{key[1]}: must be said now"
        if key in before:
            yield from Fit(older, newer).misfits(before[key]["schema"], one["schema"], key[1])
    if "requestBody" in now:
        if "requestBody" not in was:
            yield "has a body now"
        else:
            said, taken = (_content(one["requestBody"]) for one in (was, now))
            yield from Fit(older, newer).misfits(said, taken, "body")


def _answers(was: Described, now: Described, older: Described, newer: Described) -> Iterator[str]:
    for status, answer in now["responses"].items():
        known = was["responses"].get(status)
        if status < "300" and known is None:
            yield f"answers {status} now"
        elif status < "300" and ("content" in answer or "content" in known):
            given, read = _content(answer), _content(known)
            yield from Fit(newer, older).misfits(given, read, f"answer {status}")


def _content(of: Described) -> Any:
    """The schema of its JSON; one that nothing fits where there is none."""
    return of.get("content", {}).get("application/json", {}).get("schema", {"enum": []})


class Fit:
    """Whether all that fits a schema of one document fits another schema of a second one."""

    def __init__(self, narrow: Described, wide: Described) -> None:
        self._narrow, self._wide = narrow, wide

    def misfits(self, narrow: Any, wide: Any, at: str) -> Iterator[str]:
        """Where a value of the narrow one may be refused by the wide one."""
        wide = _namesake(narrow, wide)
        narrow, wide = _resolved(self._narrow, narrow), _resolved(self._wide, wide)
        if options := _options(narrow):
            for option in options:
                yield from self.misfits(option, wide, at)
        elif choices := _options(wide):
            if all(any(self.misfits(narrow, choice, at)) for choice in choices):
                yield f"{at}: {narrow.get('title', narrow.get('type'))} fits no choice"
        else:
            yield from self._of_values(narrow, wide, at)
            yield from self._of_parts(narrow, wide, at)

    def _of_values(self, narrow: Described, wide: Described, at: str) -> Iterator[str]:
        kinds = {narrow.get("type"), *(["number"] if narrow.get("type") == "integer" else [])}
        if "type" in wide and wide["type"] not in kinds:
            yield f"{at}: type"
        if "enum" in wide:
            said = narrow.get("enum", [narrow["const"]] if "const" in narrow else None)
            if said is None or not {*said} <= {*wide["enum"]}:
                yield f"{at}: values"
        for bound in _FROM & wide.keys():
            if bound not in narrow or narrow[bound] < wide[bound]:
                yield f"{at}: {bound}"
        for bound in _UP_TO & wide.keys():
            if bound not in narrow or narrow[bound] > wide[bound]:
                yield f"{at}: {bound}"
        for rule in _AS_IT_IS & wide.keys():
            if narrow.get(rule) != wide[rule]:
                yield f"{at}: {rule}"

    def _of_parts(self, narrow: Described, wide: Described, at: str) -> Iterator[str]:
        for name in {*wide.get("required", ())} - {*narrow.get("required", ())}:
            yield f"{at}.{name}: must be said"
        given, known = narrow.get("properties", {}), wide.get("properties", {})
        more = wide.get("additionalProperties", {})
        for name, schema in given.items():
            if name in known:
                yield from self.misfits(schema, known[name], f"{at}.{name}")
            elif more is False:
                yield f"{at}.{name}: not known"
        if isinstance(more, dict) and more and not given:
            yield from self.misfits(narrow.get("additionalProperties", {}), more, f"{at}.*")
        if "items" in wide:
            yield from self.misfits(narrow.get("items", {}), wide["items"], f"{at}[]")
        pairs = zip(narrow.get("prefixItems", ()), wide.get("prefixItems", ()), strict=False)
        for place, (one, other) in enumerate(pairs):
            yield from self.misfits(one, other, f"{at}[{place}]")


def _namesake(narrow: Any, wide: Any) -> Any:
    """The choice of the same name: a shape is not to be read as another one that asks less."""
    named = [choice for choice in _options(wide) if "$ref" in choice]
    return next((choice for choice in named if choice["$ref"] == narrow.get("$ref")), wide)


def _resolved(document: Described, schema: Any) -> Any:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _options(schema: Described) -> list[Any]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
