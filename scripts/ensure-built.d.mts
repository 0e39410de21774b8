/** Installs where packages are missing; builds where sources are newer. */
export function ensureBuilt(): void;
