import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type PreparedRelease,
  type PrepareOptions,
  prepareRelease,
} from '../../../src/artifact/prepare.js';
import { prepareOptions, scratchFolder } from './scratch.js';

/** Where a test file plants the folders it prepares, and how it prepares them. */
export interface FolderCases {
  readonly root: string;
  readonly options: PrepareOptions;
  /** A path below root that nothing has used yet. */
  fresh(): string;
  prepareFolder(path: string): Promise<PreparedRelease>;
}

/** A scratch folder for the cases of one test file, removed at its end. */
export function folderCases(): FolderCases {
  const root = scratchFolder();
  const options = prepareOptions(root);
  let count = 0;
  return {
    root,
    options,
    fresh() {
      count += 1;
      return join(root, `case-${count}`);
    },
    prepareFolder: (path) => prepareRelease({ kind: 'folder', path }, options),
  };
}

/** What a release is refused with. */
export function refusal(promise: Promise<PreparedRelease>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('must be refused'),
    (error: unknown) => error,
  );
}
