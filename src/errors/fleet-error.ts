import { type ErrorCode, type ExitCode, exitCodeOf } from './codes.js';

/** The place of a mistake in a user's file; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line itself, to show under the message. */
  readonly text: string;
  /** How many columns the caret underlines. */
  readonly length: number;
}

/** One problem, with its place and its remedy. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly location?: SourceLocation | undefined;
}

/**
 * A refusal of a whole run or command. The `code` usually decides the exit code, and is explained in docs/errors.md;
 * `problems` lists every mistake if there are several.
 */
export class FleetError extends Error {
  override readonly name = 'FleetError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly problems: readonly Problem[];
  readonly exitCode: ExitCode;

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      hint?: string | undefined;
      location?: SourceLocation | undefined;
      problems?: readonly Problem[];
      /** If it is not the code's own. */
      exitCode?: ExitCode | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.location = details.location;
    this.exitCode = details.exitCode ?? exitCodeOf(code);
    this.problems = details.problems ?? [];
  }
}
