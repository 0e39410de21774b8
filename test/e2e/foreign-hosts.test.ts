import { checkRow } from '../matrix/checks.js';
import { everyTestRows, packagesOf } from '../matrix/rows.js';

for (const row of everyTestRows()) checkRow(row, packagesOf(row.suite));
