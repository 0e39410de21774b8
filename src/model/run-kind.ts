export const RUN_KINDS = ['deploy', 'rollback'] as const;

export type RunKind = (typeof RUN_KINDS)[number];
