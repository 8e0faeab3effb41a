import { referralEntityModel } from '@cosell/model';
import { csdl, csdlJson } from '@cosell/odata';
import { withCapabilities } from './capabilities.ts';
import { type Compress, compressOnce } from './compression.ts';
import type { Route } from './route.ts';

/** A document that stays what it is. */
export interface FixedDocument {
  readonly body: string;
  readonly compress: Compress;
}

/** `$metadata` of a server, in both forms. */
export interface Metadata {
  readonly xml: FixedDocument;
  readonly json: FixedDocument;
}

/** Describes what is served by some routes, with extensions or without. */
export function describeService(routes: readonly Route[], areExtensionsOn: boolean): Metadata {
  const model = withCapabilities(referralEntityModel(), routes, areExtensionsOn);
  return {
    xml: { body: csdl(model), compress: compressOnce() },
    json: { body: JSON.stringify(csdlJson(model)), compress: compressOnce() },
  };
}
