import type { RunId } from '../../model/names.js';
import type { ApprovalAnswer, ApprovalRequest, ApprovalUse } from '../../model/runs/approval.js';

/** A document, and the uid of the account that wrote it, if the store can prove that. */
export interface Written<Document> {
  readonly document: Document;
  readonly owner: number | null;
}

/** A plan that waits, or waited, for a second person. */
export interface ApprovalState {
  readonly request: Written<ApprovalRequest>;
  /** The text of the plan file. */
  readonly plan: string;
  readonly answer: Written<ApprovalAnswer> | null;
  readonly use: Written<ApprovalUse> | null;
}

/**
 * Where plans wait for a second person. It keeps what it is given and judges nothing. Each run has one request, one
 * answer and one use: of two processes that write one at the same time, one gets `false`.
 */
export interface ApprovalStore {
  /** For people: where it is. */
  readonly where: string;
  ask(request: ApprovalRequest, plan: string): Promise<void>;
  answer(answer: ApprovalAnswer): Promise<boolean>;
  use(use: ApprovalUse): Promise<boolean>;
  /** Null if there is none, or no whole one. */
  find(run: RunId): Promise<ApprovalState | null>;
  /** Newest first. */
  list(): Promise<readonly RunId[]>;
}
