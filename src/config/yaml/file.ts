import type { YAMLError } from 'yaml';
import type { Problem } from '../../errors/fleet-error.js';
import { ANSIBLE_TAGS, buildTree, type Dialect } from './build.js';
import { composeYaml, MAX_DEPTH } from './compose.js';
import type { YamlNode } from './node.js';
import { withoutPasswords } from './passwords.js';
import { problemAt, type SourceText, sourceText } from './source-text.js';

/** One YAML file as read: `root` is null where nothing in it could be used. */
export interface YamlFile {
  readonly source: SourceText;
  readonly root: YamlNode | null;
  readonly problems: readonly Problem[];
  /** Whether it is empty, which is a problem in most files. */
  readonly isEmpty?: true;
}

/** Reads a YAML text with the place of every value. Never throws: what is wrong is in `problems`. */
export function readYaml(file: string, text: string, dialect: Dialect = 'plain'): YamlFile {
  const source = sourceText(file, withoutPasswords(text));
  const refuse = (problems: readonly Problem[]): YamlFile => ({ source, root: null, problems });
  const refuseAt = (start: number, words: { message: string; hint?: string }): YamlFile =>
    refuse([problemAt(source, { start, end: start + 1 }, words)]);
  const [composed, second] = composeYaml(text);
  if (composed.kind === 'too-deep') {
    return refuseAt(composed.offset, { message: `nested more than ${MAX_DEPTH} levels deep` });
  }
  const faults = [...composed.doc.errors, ...composed.doc.warnings].filter(
    (fault) => dialect === 'plain' || !isAnsibleTag(text, fault),
  );
  if (faults.length > 0) return refuse(syntaxProblems(source, faults));
  if (second !== undefined) {
    const message = 'a second document (---) starts here';
    return refuseAt(second.offset, { message, hint: 'one file holds one document' });
  }
  const { root, problems } = buildTree(source, composed.doc.contents, dialect);
  if (root !== null || problems.length > 0) return { source, root, problems };
  return { ...refuseAt(0, { message: 'the file is empty' }), isEmpty: true };
}

const isAnsibleTag = (text: string, { code, pos: [start, end] }: YAMLError): boolean =>
  code === 'TAG_RESOLVE_FAILED' && ANSIBLE_TAGS.has(text.slice(start, end).trim());

/** One problem a line: what follows on the same line mostly comes of the first. */
function syntaxProblems(source: SourceText, faults: readonly YAMLError[]): readonly Problem[] {
  const problems = faults.map((fault) => syntaxProblem(source, fault));
  const firstOfLine = new Map(problems.toReversed().map((each) => [each.location?.line, each]));
  return [...firstOfLine.values()].reverse();
}

function syntaxProblem(source: SourceText, fault: YAMLError): Problem {
  const [start, end] = fault.pos;
  return problemAt(source, { start, end }, syntaxWords(fault));
}

function syntaxWords(fault: YAMLError): { message: string; hint?: string } {
  switch (fault.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab in the indentation', hint: 'indent with spaces' };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'a tag that is not known here', hint: 'write the value without !' };
    case 'BAD_INDENT':
      return { message: 'the indentation fits nothing above it' };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key must be on a line of its own',
        hint: 'is a quote or a : missing?',
      };
    default:
      return { message: `this is not valid YAML: ${lowerFirst(fault.message)}` };
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
