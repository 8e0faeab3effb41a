import { readFileSync } from 'node:fs';
import { failure, guidPattern } from '@cosell/model';
import { isAnyTenant } from '../domain/tenant-names.ts';
import { packageFile } from '../package-files.ts';
import { compressOnce } from './compression.ts';
import type { Answer, Asked, Surface } from './route.ts';

const openApiText = readFileSync(packageFile('openapi.json'), 'utf8');
const compressOpenApi = compressOnce();

/** `$metadata`, in the form that was agreed on. */
export function answerMetadata({ metadata }: Surface, { mediaType }: Asked): Answer {
  return { status: 200, ...(mediaType === 'application/json' ? metadata.json : metadata.xml) };
}

/** The OpenAPI document, as it is committed. */
export function answerOpenApi(): Answer {
  return { status: 200, body: openApiText, compress: compressOpenApi };
}

/**
 * The service document (OData JSON Format 4.01, section 5) of the root at a path, below which the referrals are at another.
 * It says less than `$metadata` does, so it needs no token either.
 */
export function serviceDocumentAt(root: string, referrals: string): (surface: Surface, asked: Asked) => Answer {
  return (_surface, { origin }) => ({
    status: 200,
    body: JSON.stringify({
      '@odata.context': `${origin}${root}/$metadata`,
      value: [{ name: 'Referrals', kind: 'EntitySet', url: referrals }],
    }),
  });
}

/** Where things are, for whoever opens the bare address. */
export function answerIndex({ version }: Surface, { origin }: Asked): Answer {
  const body = {
    name: 'Cosell',
    version,
    referrals: `${origin}/v1.0/engagements/referrals/{id}`,
    metadata: `${origin}/v1.0/engagements/referrals/$metadata`,
    openapi: `${origin}/openapi.json`,
    health: `${origin}/health/ready`,
  };
  return { status: 200, body: JSON.stringify(body) };
}

/** The public keys of the built-in issuer. */
export async function answerKeys({ issuer }: Surface, { parameters }: Asked): Promise<Answer> {
  if (parameters.tenant !== undefined) tenantOf(parameters);
  await issuer.signingKeys.current();
  return { status: 200, body: JSON.stringify(issuer.signingKeys.published) };
}

/** A tenant is a GUID, or one of the names that Entra ID has for any tenant. */
function tenantOf({ tenant = '' }: Readonly<Record<string, string>>): string {
  const name = tenant.toLowerCase();
  if (guidPattern.test(name) || isAnyTenant(name)) return name;
  throw failure('routeNotFound', { hint: 'A tenant is a GUID, or "common".' });
}
