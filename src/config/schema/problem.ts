import type { z } from 'zod';
import { maskUrls } from '../../errors/bare-url.js';
import { closest, suggest } from '../../errors/did-you-mean.js';
import type { Problem } from '../../errors/fleet-error.js';
import type { YamlFile } from '../yaml/file.js';
import { nearestTo, nodeAt, type Path, type YamlNode } from '../yaml/node.js';
import { problemAt, type Span } from '../yaml/source-text.js';

type Issue = z.core.$ZodIssue;

/** What a schema makes of a file, with every mistake at its place. */
export type Validated<Value> =
  | { readonly value: Value; readonly problems: readonly [] }
  | { readonly value: null; readonly problems: readonly Problem[] };

/** A file is parsed once: compiling a parser for it would take longer. */
const ONCE = { jitless: true };

/**
 * Checks a file against its schema, whose words the problems use. The value is there only where
 * neither the YAML nor the schema finds fault; else every mistake of both is listed. Keys that begin
 * with `x-` at the top are ignored.
 */
export function validate<Value>(yaml: YamlFile, schema: z.ZodType<Value>): Validated<Value> {
  const { root } = yaml;
  if (root === null) return { value: null, problems: yaml.problems };
  const result = schema.safeParse(withoutExtensions(root.value), ONCE);
  if (result.success && yaml.problems.length === 0) return { value: result.data, problems: [] };
  const issues = result.success ? [] : result.error.issues;
  const place = { yaml, root, base: [] };
  const found = withoutEchoes(issues).flatMap((issue) => problemsOf(place, issue));
  return { value: null, problems: [...yaml.problems, ...found] };
}

/** Those keys are the user's own: a place for anchors. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** A rule about a whole map says nothing new where a key of that map is mistyped. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const mistyped = issues.filter((issue) => issue.code === 'unrecognized_keys');
  const isEcho = (issue: Issue): boolean =>
    issue.code === 'custom' && mistyped.some((other) => nameOf(other.path) === nameOf(issue.path));
  return issues.filter((issue) => !isEcho(issue));
}

/** `base` is the path of the union's value, to which the issues of its branches are relative. */
interface Place {
  readonly yaml: YamlFile;
  readonly root: YamlNode;
  readonly base: Path;
}

function problemsOf(place: Place, issue: Issue): readonly Problem[] {
  const path = [...place.base, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(place, [...path, key], issue.message.split(' ')));
    case 'invalid_union': {
      const branch = branchMeant(issue.errors);
      const inner =
        branch &&
        withoutEchoes(branch).flatMap((each) => problemsOf({ ...place, base: path }, each));
      const choices = issue.errors.flatMap((issues) => issues.flatMap(wordsOf));
      return inner ?? [wrongValue(place, path, { wanted: issue.message, choices })];
    }
    case 'invalid_key': {
      const wanted = issue.issues[0]?.message ?? issue.message;
      const message = `the name ${String(path.at(-1))} must be ${wanted}`;
      return [problemAt(place.yaml.source, keySpan(place.root, path), { message })];
    }
    case 'custom':
      return [customProblem(place, path, issue)];
    case 'invalid_value':
      return [
        wrongValue(place, path, { wanted: issue.message, choices: issue.values.map(String) }),
      ];
    default:
      return [wrongValue(place, path, { wanted: issue.message })];
  }
}

/** The branch whose kind of value was written; null where that is none, or several. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || fits(issue)),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** Inside of a union the wrong type, or a wrong word, speaks for another branch. */
const fits = (issue: Issue): boolean =>
  issue.code !== 'invalid_type' && issue.code !== 'invalid_value';

const wordsOf = (issue: Issue): readonly string[] =>
  issue.code === 'invalid_value' ? issue.values.map(String) : [];

function unknownKey(place: Place, path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  return problemAt(place.yaml.source, keySpan(place.root, path), {
    message: `unknown key ${nameOf(path)}`,
    hint: suggest(key, known),
  });
}

function customProblem(place: Place, path: Path, issue: z.core.$ZodIssueCustom): Problem {
  const hint: unknown = issue.params?.hint;
  return problemAt(place.yaml.source, nearestTo(place.root, path).node.span, {
    message: issue.message,
    hint: typeof hint === 'string' ? hint : undefined,
  });
}

function wrongValue(
  place: Place,
  path: Path,
  words: { readonly wanted: string; readonly choices?: readonly string[] },
): Problem {
  const { source } = place.yaml;
  const found = nodeAt(place.root, path);
  if (found === null) {
    const message = `${nameOf(path)} is missing: ${words.wanted}`;
    return problemAt(source, spanOfOwner(place.root, path), { message });
  }
  const { node } = found;
  const span = node.kind === 'map' && found.keySpan !== null ? found.keySpan : node.span;
  const subject = path.length === 0 ? 'the file' : nameOf(path);
  const near =
    node.kind === 'scalar' && words.choices !== undefined
      ? closest(String(node.value), words.choices)
      : null;
  return problemAt(source, span, {
    message: `${subject} must be ${words.wanted}, not ${described(node)}`,
    hint: near === null ? undefined : `did you mean ${near}?`,
  });
}

/** Where something is missing, its owner is shown: by its key, or by its beginning. */
function spanOfOwner(root: YamlNode, path: Path): Span {
  const owner = nearestTo(root, path.slice(0, -1));
  const { start } = owner.node.span;
  return owner.keySpan ?? { start, end: start + 1 };
}

function keySpan(root: YamlNode, path: Path): Span {
  const found = nearestTo(root, path);
  return found.keySpan ?? found.node.span;
}

/** A path as a person writes it: `policy.waves[2]`. */
export function nameOf(path: Path): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key + 1}]`;
    return name === '' ? String(key) : `${name}.${String(key)}`;
  }, '');
}

function described(node: YamlNode): string {
  switch (node.kind) {
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
    case 'scalar':
      if (node.value === null || node.value === '') return 'empty';
      return typeof node.value === 'string' ? quoted(node.value) : String(node.value);
  }
}

/** What a person wrote, shortened, and without what may be a secret in a URL. */
function quoted(written: string): string {
  const text = maskUrls(written);
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}
