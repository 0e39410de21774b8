export const CONTROL_ACTIONS = ['pause', 'resume', 'abort'] as const;

/** A request from another shell to a run. */
export interface ControlRequest {
  readonly action: (typeof CONTROL_ACTIONS)[number];
  /** `user@bastion`. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** Why, in the words of that person. */
  readonly reason?: string | undefined;
}
