const pending = new Set<() => void>();

/** Has `undo` called where someone ends the script before the function that comes back was. */
export function ifInterrupted(undo: () => void): () => void {
  pending.add(undo);
  return () => pending.delete(undo);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // The last first: what runs in a folder ends before the folder goes.
    for (const undo of [...pending].reverse()) undo();
    process.exit(130);
  });
}
