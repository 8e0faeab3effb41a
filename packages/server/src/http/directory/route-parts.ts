import { jsonBody } from '../body.ts';

/** What every route of the directory has in common. */
const directory = {
  audience: 'partner',
  offers: jsonBody.mediaTypes,
  extensions: [],
  isExtension: 'directory',
  isOpenToOperator: true,
} as const;

/** A route that reads the directory. */
export const readingDirectory = {
  ...directory,
  method: 'GET',
  access: 'directory.read',
  failures: ['directoryEntryNotFound', 'optionValueInvalid'],
} as const;

/** A route that changes the directory. */
export const changingDirectory = {
  ...directory,
  access: 'directory.manage',
  failures: [
    'directoryEntryNotFound',
    'bodyTooLarge',
    'mediaTypeNotSupported',
    'invalidBody',
    'directoryRefused',
    'batchNotImplemented',
  ],
} as const;
