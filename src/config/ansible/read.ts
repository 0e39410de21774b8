import type { Problem } from '../../errors/fleet-error.js';
import type { SourceText } from '../yaml/source-text.js';
import { type AnsibleData, emptyData } from './data.js';
import { type Form, looksLikeIni } from './form.js';
import { readIni } from './ini.js';
import { readListing } from './listing.js';
import { type ProgramOutput, readProgramOutput } from './program.js';
import type { AnsibleReading } from './reading.js';
import { readYamlForm } from './yaml-form.js';

/** A file of Ansible's, or what a program printed, in the order in which Ansible reads them. */
export interface AnsibleInput {
  readonly path: string;
  readonly shown: string;
  /** A file of a folder that may be no inventory at all. */
  readonly isDoubtful: boolean;
  readonly content:
    | Exclude<Form, { kind: 'fleet' }>
    | { readonly kind: 'output'; readonly output: ProgramOutput };
}

/** A file that only Ansible itself reads. */
export interface ForeignFile {
  readonly shown: string;
  readonly what: string;
}

/** All files of Ansible's forms together. */
export interface AnsibleRead {
  readonly data: AnsibleData;
  readonly problems: Problem[];
  readonly notices: Problem[];
  readonly foreign: readonly ForeignFile[];
}

export function readInputs(inputs: readonly AnsibleInput[]): AnsibleRead {
  const foreign: ForeignFile[] = [];
  const read = { data: emptyData(), problems: [], notices: [], foreign } satisfies AnsibleRead;
  for (const input of inputs) readInput(read, input, foreign);
  return read;
}

function readInput(read: AnsibleRead, input: AnsibleInput, foreign: ForeignFile[]): void {
  const { content } = input;
  const readingOf = ({ source }: { readonly source: SourceText }): AnsibleReading => ({
    source,
    ...read,
  });
  switch (content.kind) {
    case 'foreign':
      foreign.push({ shown: input.shown, what: content.what });
      return;
    case 'output':
      return readProgramOutput(content.output, { problems: read.problems, readingOf });
    case 'ini':
      return readIniFile(read, input, content);
    case 'ansible-yaml':
    case 'listing': {
      read.problems.push(...content.yaml.problems);
      const reading = readingOf(content.yaml);
      if (content.kind === 'listing') readListing(reading, content.root);
      else readYamlForm(reading, content.root);
    }
  }
}

/**
 * A file with sections is INI, and its mistakes are those of INI. Without, it may be YAML with a mistake
 * in it, or no inventory at all.
 */
function readIniFile(
  read: AnsibleRead,
  input: AnsibleInput,
  { yaml, text }: Form & { readonly kind: 'ini' },
): void {
  const { source } = yaml;
  if (!looksLikeIni(text)) {
    const trial = { source, data: emptyData(), problems: [], notices: [] };
    readIni(trial, text);
    const [first] = trial.problems as readonly Problem[];
    if (first !== undefined && input.isDoubtful) {
      const message = `${input.shown} is ignored: it is not an inventory that fleet can read`;
      read.notices.push({ message, hint: first.message });
      return;
    }
    const isYaml = /\.(?:ya?ml|json)$/.test(input.path) && yaml.problems.length > 0;
    if (first !== undefined && isYaml) {
      read.problems.push(...yaml.problems);
      return;
    }
  }
  read.problems.push(...readIni({ source, ...read }, text));
}
