import { isOlder, writeAnew } from '@cosell/model';

/** The column of the model that wrote a row's document. */
export interface Versioned {
  readonly modelVersion: number;
}

/** A stored document. */
interface Stored {
  readonly document: string;
  readonly linksOffset: number;
}

/**
 * A stored document as this model writes it: nearly always the stored bytes as they are.
 *
 * @param modelVersion the model that wrote it
 */
export function upToDate<Row extends Stored>(stored: Row, modelVersion: number): Row {
  if (!isOlder(modelVersion)) return stored;
  const { beforeLinks, afterLinks } = writeAnew(stored.document, modelVersion);
  const document = beforeLinks + afterLinks;
  const size = 'byteLength' in stored ? { byteLength: Buffer.byteLength(document) } : {};
  return { ...stored, document, linksOffset: beforeLinks.length, ...size };
}

/** The same for a row that a query has given, with the column of the model beside it. */
export function upToDateRow<Row extends Stored & Versioned>(row: Row): Omit<Row, 'modelVersion'> {
  const { modelVersion, ...stored } = row;
  return upToDate(stored, modelVersion);
}

/** The same for a document that nothing is known of but its text. */
export function currentText(document: string, modelVersion: number): string {
  return upToDate({ document, linksOffset: 0 }, modelVersion).document;
}
