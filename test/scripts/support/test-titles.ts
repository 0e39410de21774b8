import ts from 'typescript';

/** What stands in a title for a value that is known only when the test runs. */
const ANY = '\0';

/**
 * The full name of each test of a file, that of its describes and its own, read from the text alone.
 * A value in a title (`%s`, `$name`, `${…}`) is a NUL there.
 */
export function testTitles(text: string): readonly string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node, above: string): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : null;
    if (title === null) return ts.forEachChild(node, (child) => visit(child, above));
    const full = above === '' ? title.text : `${above} ${title.text}`;
    if (title.of === 'describe') ts.forEachChild(node, (child) => visit(child, full));
    else titles.push(full);
  };
  visit(ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest), '');
  return titles;
}

/** Whether a full name may contain this part: with any values, but not by values alone. */
export function mayContain(title: string, part: string): boolean {
  return [...title].some((_, start) => fits(title.slice(start), part, false));
}

function fits(title: string, part: string, isWritten: boolean): boolean {
  if (part === '') return isWritten;
  if (title === '') return false;
  const rest = part.slice(1);
  if (title[0] !== ANY) return title[0] === part[0] && fits(title.slice(1), rest, true);
  return fits(title.slice(1), part, isWritten) || fits(title, rest, isWritten);
}

interface Title {
  readonly of: 'describe' | 'test';
  readonly text: string;
}

/** Of `test('…')`, `describe.skipIf(…)('…')` and the like; null for any other call. */
function titleOf(call: ts.CallExpression): Title | null {
  const [first] = call.arguments;
  const of = calledName(call.expression);
  const text = first === undefined ? null : textOf(first);
  if ((of !== 'describe' && of !== 'test') || text === null) return null;
  return { of, text: text.replaceAll(/%[sdifjop]|\$[\w.]+/g, ANY) };
}

function calledName(node: ts.Expression): string | null {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) {
    return calledName(node.expression);
  }
  return ts.isTaggedTemplateExpression(node) ? calledName(node.tag) : null;
}

function textOf(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(({ literal }) => ANY + literal.text).join('');
}
