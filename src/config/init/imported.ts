/** Something in another tool's files that fleet's have no place for. */
export interface LeftOut {
  /** The file as it was named, and the line, from 1. */
  readonly file: string;
  readonly line: number;
  /** The thing itself, in short. */
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/** A host with the groups that it is in. */
export interface ImportedHost {
  readonly name: string;
  readonly address?: string | undefined;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly groups: readonly string[];
}

/** What another tool's files say, as far as fleet has a place for it. */
export interface Imported {
  /** For people: `Capistrano`. */
  readonly tool: string;
  readonly app: string | null;
  readonly root: string | null;
  readonly keep: number | null;
  /** As fleet.yaml writes them: folders end in a slash. */
  readonly shared: readonly string[];
  /** The unit, and where it was found; null if nothing names one. */
  readonly unit: { readonly name: string; readonly from: string } | null;
  /** A branch or tag to deploy from. */
  readonly branch: string | null;
  readonly repository: string | null;
  readonly user: string | null;
  readonly port: number | null;
  readonly identityFile: string | null;
  readonly jump: string | null;
  readonly hosts: readonly ImportedHost[];
  /** Said at the end, whatever was found. */
  readonly notes: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** A file of another tool. */
export interface ImportFile {
  /** As it is shown. */
  readonly name: string;
  readonly text: string;
}
