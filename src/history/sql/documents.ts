import type { Kysely, Transaction } from 'kysely';
import type { RunId } from '../../model/names.js';
import type { SharedDocument } from '../store.js';
import { storableText } from '../texts.js';
import { documentOf } from './rows.js';
import type { HistoryTables } from './tables.js';

/** Of UTF-16 code units; a store may limit its statements to a megabyte. */
const PART = 64 * 1024;

export async function writeDocument(
  trx: Transaction<HistoryTables>,
  run: RunId,
  { kind, json }: SharedDocument,
): Promise<void> {
  const rows = partsOf(json).map((content, part) => ({ run, kind, part, content }));
  await trx.deleteFrom('run_documents').where('run', '=', run).where('kind', '=', kind).execute();
  for (const row of rows) await trx.insertInto('run_documents').values(row).execute();
}

export async function selectDocuments(
  db: Kysely<HistoryTables>,
  run: RunId,
): Promise<readonly SharedDocument[]> {
  const query = db.selectFrom('run_documents').selectAll().where('run', '=', run);
  const rows = await query.orderBy('kind').orderBy('part').execute();
  const documents = new Map<string, string>();
  for (const { kind, content } of rows.map(documentOf)) {
    documents.set(kind, `${documents.get(kind) ?? ''}${content}`);
  }
  return [...documents].map(([kind, json]) => ({ kind, json }));
}

/** No part ends in the middle of a character. */
function partsOf(json: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const splits = /[\ud800-\udbff]/.test(json.charAt(at + PART - 1));
    const end = at + PART - (splits ? 1 : 0);
    parts.push(storableText(json.slice(at, end)));
    at = end;
  }
  return parts;
}
