import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@cosell/server';
import { expect, it } from 'vitest';

const tenant = '3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e';
const plain = { issuer: 'https://id.example/realms/deals', audiences: ['cosell'], tenants: ['https://id.example'] };
const read = (value: unknown) => readConfig({ ISSUERS: typeof value === 'string' ? value : JSON.stringify(value) });

it('gives every member of a provider, with the usual algorithms where none are named', () => {
  expect(read([plain]).issuers).toEqual([{ ...plain, algorithms: ['RS256', 'ES256'] }]);
  const map = { 'Referrals.Admin': 'ReferralAdmin', london: { role: 'ReferralUser', location: '5598765' } };
  const full = {
    ...plain,
    discovery: 'https://id.example/d',
    algorithms: ['PS256'],
    claims: { tenant: 'org', subject: 'sub', client: 'azp', scope: 'permissions' },
    mfa: { claim: 'acr', values: ['2'] },
  };
  expect(read([{ ...full, roles: { claim: 'roles', map } }]).issuers).toEqual([
    {
      ...full,
      roles: {
        claim: 'roles',
        map: {
          'Referrals.Admin': { role: 'ReferralAdmin', mpnId: null },
          london: { role: 'ReferralUser', mpnId: '5598765' },
        },
      },
    },
  ]);
  expect(readConfig({}).issuers).toEqual([]);
});

it('takes the list from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-issuers-'));
  const file = join(folder, 'issuers.json');
  writeFileSync(file, JSON.stringify([plain]));
  expect(read(`@${file}`).issuers).toMatchObject([plain]);
  rmSync(folder, { recursive: true });
  expect(() => read(`@${file}`)).toThrow('ISSUERS must be a file that can be read (ENOENT).');
});

it.each<[string, unknown, string[]]>([
  ['no JSON', '{', ['ISSUERS must be a JSON list.']],
  ['no list', { issuer: 'x' }, ['a JSON list of objects']],
  [
    'several faults at once',
    [{ issuer: 1, audiences: [], tenents: ['x'] }, null],
    [
      '/0/tenents is not known; the members are issuer, audiences, tenants,',
      '/0/issuer must be an address; /0/audiences must be a list of text, not empty; /0/tenants is missing',
      '/1 must be an object.',
    ],
  ],
  ['an address of another kind', [{ ...plain, issuer: 'file:///etc' }], ['/0/issuer must be an address']],
  [
    'algorithms that prove nothing',
    [{ ...plain, algorithms: ['none', 'HS256'] }],
    ['/0/algorithms must be a list of some of RS256, '],
  ],
  [
    'a claim without a name',
    [{ ...plain, claims: { tenant: '', tid: 'x' } }],
    ['/0/claims/tid is not known', 'tenant must be text'],
  ],
  [
    'roles that there are not',
    [{ ...plain, roles: { claim: 'roles', map: { a: 'Boss', b: { role: 'GlobalAdmin', location: '1' } } } }],
    ['/0/roles/map/a must be one of GlobalAdmin, ReferralAdmin, ReferralUser, or', '/0/roles/map/b must be'],
  ],
  ['half a rule for a second factor', [{ ...plain, mfa: { claim: 'acr' } }], ['/0/mfa/values is missing']],
  ['the same issuer twice', [plain, plain], ['/1/issuer names the same issuer as another entry']],
  [
    'a place for a tenant that leads nowhere',
    [{ ...plain, issuer: 'https://login.example/{tenantid}/v2.0' }],
    ['/0/discovery is missing: {tenantid} has no address', '/0/tenants must be GUIDs'],
  ],
])('names the faults of %s', (_title, value, faults) => {
  for (const fault of faults) expect(() => read(value)).toThrow(fault);
});

it('takes the place of a tenant where it has a discovery document and GUIDs', () => {
  const discovery = 'https://login.example/common/v2.0/.well-known/openid-configuration';
  const entra = { issuer: 'https://login.example/{tenantid}/v2.0', discovery, audiences: ['x'], tenants: [tenant] };
  expect(read([entra]).issuers).toMatchObject([entra]);
});
