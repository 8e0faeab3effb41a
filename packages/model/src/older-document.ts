import { formatReferral, modelVersion, type WireDocument } from './format-referral.ts';
import { readReferral } from './read-referral.ts';

/** Makes a document of one model from one of the model before. Text, so that no number loses a digit. */
export type DocumentStep = (document: string) => string;

/**
 * What each new model changed beyond what reading and writing do by themselves: members that came later get their
 * defaults and their places without a step. The step at place n leads from model n to n + 1; model 0 is whatever the
 * reader of captures takes.
 */
export const documentSteps: readonly DocumentStep[] = [(document) => document];

/** Writes a document of an older model as this one does. Its eTag stays: it says the same. */
export function writeAnew(document: string, version: number, steps = documentSteps): WireDocument {
  const text = steps.slice(version).reduce((former, step) => step(former), document);
  const reading = readReferral(text);
  if ('faults' in reading)
    throw new Error(`a document of model ${version} cannot be read: ${reading.faults[0]?.message}`);
  return formatReferral(reading.referral);
}

/** Whether a document has to be written anew; one of a newer model is left to the program that knows it. */
export function isOlder(version: number): boolean {
  return version < modelVersion;
}
