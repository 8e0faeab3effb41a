/** Writes the generated files, or with `--check` names those that are out of date and ends with 1. */
import { readFileSync, writeFileSync } from 'node:fs';
import { generatedDocuments } from './documents.js';

const root = new URL('../', import.meta.url);
const isCheck = process.argv.includes('--check');

for (const [path, text] of Object.entries(generatedDocuments())) {
  const file = new URL(path, root);
  if (!isCheck) writeFileSync(file, text);
  else if (readText(file) !== text) {
    console.error(`${path} is out of date. Run: npm run gen`);
    process.exitCode = 1;
  }
}

/** @param {URL} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
