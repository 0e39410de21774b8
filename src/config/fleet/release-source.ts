import type { ReleaseSource } from '../../model/runs/app.js';
import { type LocalBase, localPath } from '../paths/local-path.js';

export type ParsedSource =
  | { readonly kind: 'source'; readonly source: ReleaseSource }
  | { readonly kind: 'malformed'; readonly reason: string; readonly hint?: string };

const ARCHIVE = /\.(tar|tar\.gz|tgz|tar\.zst)$/;
const FOREIGN_ARCHIVE = /\.(zip|tar\.(xz|bz2|lz4?)|txz|tbz2?|7z|rar|gz|jar|deb|rpm)$/i;
/** Rejects ranges, and anything that git would read as an option. Whether a revision exists, git decides. */
const GIT_REVISION = /^(?!-)(?!.*\.\.)[^\s\u0000-\u001f\u007f]+$/;
const SUBDIR = /^(?!\/|-)(?!.*(^|\/)\.{1,2}(\/|$))[^\u0000-\u001f\u007f]+$/;

/**
 * Reads `release.from` or `--from`: a folder, an archive by its name, `git:REF[:SUBDIR]` of the
 * repository that holds the base folder, or `https://…#sha256=HEX`.
 */
export function parseReleaseSource(text: string, base: LocalBase): ParsedSource {
  if (/[\u0000-\u001f\u007f]/.test(text) || text.trim() === '') {
    return malformed('a source is a path, git:REF or an https URL');
  }
  if (text.startsWith('git:')) return gitSource(text.slice('git:'.length), base);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return urlSource(text);
  const path = localPath(text, base);
  if (ARCHIVE.test(text)) return { kind: 'source', source: { kind: 'archive', path } };
  if (FOREIGN_ARCHIVE.test(text)) {
    return malformed(`${text} is not an archive that fleet reads`, 'tar, tar.gz, tgz or tar.zst');
  }
  return { kind: 'source', source: { kind: 'folder', path } };
}

function gitSource(text: string, base: LocalBase): ParsedSource {
  const colon = text.indexOf(':');
  const ref = colon < 0 ? text : text.slice(0, colon);
  const subdir = colon < 0 ? null : text.slice(colon + 1).replace(/\/+$/, '');
  const form = 'git:REF or git:REF:SUBDIR, such as git:v1.2:dist';
  if (!GIT_REVISION.test(ref)) {
    return malformed(`${ref || 'nothing'} cannot be a git revision`, form);
  }
  if (subdir !== null && !SUBDIR.test(subdir)) {
    return malformed(`${subdir || 'nothing'} cannot be a folder in the repository`, form);
  }
  return { kind: 'source', source: { kind: 'git', repository: base.dir, ref, subdir } };
}

function urlSource(text: string): ParsedSource {
  const [, url, sha256] = /^(https:\/\/[^\s#]+)#sha256=([0-9a-f]{64})$/i.exec(text) ?? [];
  if (url !== undefined && sha256 !== undefined) {
    return { kind: 'source', source: { kind: 'url', url, sha256: sha256.toLowerCase() } };
  }
  return /^https:/i.test(text)
    ? malformed(
        'a release from a URL needs its checksum',
        '{ url: https://…, sha256: 64 hex digits }',
      )
    : malformed('a release is fetched by https only', 'or give a path, or git:REF');
}

const malformed = (reason: string, hint?: string): ParsedSource => ({
  kind: 'malformed',
  reason,
  ...(hint === undefined ? {} : { hint }),
});
