import type { Found, FoundFolder } from './found.js';

/** The tools whose releases fleet adopts. */
export const TOOLS = ['capistrano', 'deployer', 'mina', 'shipit', 'ansistrano'] as const;

export type Tool = (typeof TOOLS)[number];

interface ToolTraits {
  readonly label: string;
  /** The form of the names that it gives to its folders. */
  readonly names: RegExp;
  /** Whether its own log says that a deploy was finished. */
  readonly logsEnd: boolean;
}

export const TOOL_TRAITS: Readonly<Record<Tool, ToolTraits>> = {
  capistrano: { label: 'Capistrano', names: /^\d{14}$/, logsEnd: true },
  deployer: { label: 'Deployer', names: /^[^/]+$/, logsEnd: false },
  mina: { label: 'Mina', names: /^\d+$/, logsEnd: false },
  shipit: { label: 'Shipit', names: /^\d{14}$/, logsEnd: false },
  ansistrano: { label: 'Ansistrano', names: /^\d{14}Z$/, logsEnd: false },
};

/** Which tool made the releases of a host, by the files that only it leaves; null if none did. */
export function toolOf({ folders, records }: Found): Tool | null {
  const has = (name: string): boolean =>
    records.some(({ of, line }) => of === 'folder' && line === name);
  if (records.some(({ of }) => of === 'releases_log' || of === 'releases') || has('.dep')) {
    return 'deployer';
  }
  if (records.some(({ of }) => of === 'revisions')) return 'capistrano';
  const named = (tool: Tool): boolean => folders.some((each) => isNamedBy(tool, each));
  if (has('scm') && named('mina')) return 'mina';
  if (named('ansistrano')) return 'ansistrano';
  if (!named('shipit')) return named('mina') ? 'mina' : null;
  return has('repo') ? 'capistrano' : 'shipit';
}

export const isNamedBy = (tool: Tool, { name }: FoundFolder): boolean =>
  TOOL_TRAITS[tool].names.test(name);
