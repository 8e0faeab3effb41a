import { permissions, type RoleName, roles } from '@cosell/model';
import { createOperations } from '@cosell/server';
import { providerRoutes } from '@cosell/server/http/provider/provider-routes';
import { routes } from '@cosell/server/http/routes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, subjects, unknownIds } from '../support/sample.ts';
import { issuersSetting, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/**
 * Every caller at every route for every kind of referral. What he is to get is reckoned here, from the table of roles and
 * from what is known of the sample, by rules that were written for this test: decisions 8 to 11 and 13.
 */

const { contoso, tailspin, microsoft } = organizations;
const wingtip = '0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9';
const redmond = '5512345';
const london = '5598765';

/** Somebody who asks: of which organisation, with which roles; `door` is what stops him before those count. */
interface Asker {
  readonly organization: string;
  readonly roles: readonly [role: RoleName, mpnId?: string][];
  readonly email: string;
  readonly door?: 'userRequired' | 'userInactive' | 'userUnknown';
  readonly isOperator?: true;
}

const of = (organization: string, email: string, ...given: Asker['roles']): Asker => ({
  organization,
  email,
  roles: given,
});

const callers: Readonly<Record<string, Asker>> = {
  'global-admin': of(contoso, 'global@contoso.com', ['GlobalAdmin']),
  'company-admin': of(contoso, 'company@contoso.com', ['ReferralAdmin']),
  'redmond-admin': of(contoso, 'redmond@contoso.com', ['ReferralAdmin', redmond]),
  'london-admin': of(contoso, 'elsewhere@contoso.com', ['ReferralAdmin', london]),
  'team-user': of(contoso, 'John.Doe@contoso.com', ['ReferralUser']),
  'other-user': of(contoso, 'other@contoso.com', ['ReferralUser']),
  'location-user': of(contoso, 'jane.doe@contoso.com', ['ReferralUser', london]),
  'two-roles': of(contoso, 'John.Doe@contoso.com', ['ReferralUser'], ['ReferralAdmin', london]),
  'no-role': of(contoso, 'none@contoso.com'),
  'accepted-member': of(tailspin, 'member@tailspintoys.com', ['ReferralAdmin']),
  'pending-member': of(microsoft, 'pending@microsoft.example', ['ReferralAdmin']),
  outsider: of(wingtip, 'admin@wingtip.example', ['GlobalAdmin']),
  deactivated: { ...of(contoso, 'gone@contoso.com', ['GlobalAdmin']), door: 'userInactive' },
  application: { ...of(contoso, '', ['GlobalAdmin']), door: 'userRequired' },
  operator: { ...of('', ''), door: 'userUnknown', isOperator: true },
};

/** What the sample's file says of each referral; `readers` are the organisations that have a view of it. */
const referrals: readonly {
  readonly id: string;
  readonly owner: string;
  readonly mpnId?: string;
  readonly team?: readonly string[];
  readonly isMarketplaceLead?: true;
  readonly readers?: readonly string[];
  /** Records of those organisations in the same engagement. */
  readonly own?: Readonly<Record<string, string>>;
}[] = [
  { id: ids.lead, owner: contoso },
  { id: ids.london, owner: contoso, mpnId: london, team: ['john.doe@contoso.com'] },
  {
    id: ids.coSell,
    owner: contoso,
    mpnId: redmond,
    team: ['john.doe@contoso.com'],
    readers: [microsoft],
    own: { [microsoft]: ids.coSellOfMicrosoft },
  },
  { id: ids.coSellOfMicrosoft, owner: microsoft, readers: [contoso], own: { [contoso]: ids.coSell } },
  {
    id: ids.partnerLed,
    owner: contoso,
    mpnId: redmond,
    team: ['john.doe@contoso.com', 'jane.doe@contoso.com'],
    readers: [microsoft],
  },
  { id: ids.marketplace, owner: contoso, isMarketplaceLead: true },
  { id: ids.tailspin, owner: tailspin, mpnId: '7700001', team: ['admin@tailspintoys.com'] },
  {
    id: ids.jointOfTailspin,
    owner: tailspin,
    mpnId: '7700001',
    readers: [contoso],
    own: { [contoso]: ids.joint },
  },
  {
    id: ids.joint,
    owner: contoso,
    mpnId: redmond,
    team: ['john.doe@contoso.com'],
    readers: [tailspin],
    own: { [tailspin]: ids.jointOfTailspin },
  },
  { id: unknownIds[0] ?? '', owner: 'nobody' },
];

/** A refusal, or what is let in. */
type Verdict = readonly [status: number, innerCode: string] | 'in';

/** How far somebody reaches by a permission: everything, places, his teams; undefined where no role has it. */
function reachOf({ roles: given }: Asker, permission: string) {
  const reach = { all: false, places: [] as string[], team: false };
  for (const [role, mpnId] of given) {
    const allowed = Object.entries(roles[role].allows).find(([name]) => name === permission)?.[1];
    if (allowed === 'team') reach.team = true;
    if (allowed === 'organisation' || (allowed !== undefined && allowed !== 'team' && mpnId === undefined)) {
      reach.all = true;
    }
    if (allowed === 'location' && mpnId !== undefined) reach.places.push(mpnId);
  }
  return reach.all || reach.team || reach.places.length > 0 ? reach : undefined;
}

function reaches(asker: Asker, permission: string, { mpnId, team = [] }: (typeof referrals)[number]): boolean {
  const reach = reachOf(asker, permission);
  if (reach === undefined) return false;
  if (reach.all || (mpnId !== undefined && reach.places.includes(mpnId))) return true;
  return reach.team && team.includes(asker.email.toLowerCase());
}

/** What somebody gets at a route before any referral is looked at. */
function atDoor(asker: Asker, { access, isOpenToOperator, method, paths }: (typeof routes)[number]): Verdict {
  if (access === 'public') return 'in';
  if (access === 'operator') return asker.isOperator ? 'in' : [403, 'operatorRequired'];
  if (asker.isOperator && isOpenToOperator) return 'in';
  if (asker.door !== undefined) return [403, asker.door];
  if (reachOf(asker, access) === undefined) return [403, 'roleMissing'];
  // Who manages an organisation's directory adds no organisation to the exchange.
  return method === 'POST' && paths[0] === '/directory/v1/organizations' ? [403, 'operatorRequired'] : 'in';
}

function atReferral(asker: Asker, route: (typeof routes)[number], referral: (typeof referrals)[number]): Verdict {
  const door = atDoor(asker, route);
  if (door !== 'in') return door;
  const { organization } = asker;
  if (referral.owner === organization) {
    const missed = reachOf(asker, route.access)?.team ? 'notOnTeam' : 'locationOutOfReach';
    if (!reaches(asker, route.access, referral)) return [403, missed];
    return referral.isMarketplaceLead ? [404, 'marketplaceLeadNotSupported'] : 'in';
  }
  const nothing = [404, 'referralNotFound'] as const;
  if (!referral.readers?.includes(organization)) return nothing;
  const own = referrals.find(({ id }) => id === referral.own?.[organization]);
  const sees = own === undefined ? reachOf(asker, route.access)?.all : reaches(asker, route.access, own);
  if (!sees) return nothing;
  return route.access === 'referral.read' ? 'in' : [403, 'notTheOwner'];
}

const isOfReferral = ({ paths }: (typeof routes)[number]) => paths.some((path) => path.includes('referrals/{id}'));
const isOfDirectory = ({ paths }: (typeof routes)[number]) => paths.some((path) => path.startsWith('/directory/'));

/** A body that changes nothing: a patch without operations, and else what no route can take. */
const bodyOf = (method: string) => (method === 'PATCH' ? '[]' : '{"nonsense":1}');

describe('every route', () => {
  it('says who may come in by a permission that is known, or is for the operator or for all', () => {
    const known = ['public', 'operator', ...Object.keys(permissions)];
    expect(routes.filter(({ access }) => !known.includes(access)).map(({ name }) => name)).toEqual([]);
    expect(routes.filter(isOfReferral).length).toBeGreaterThanOrEqual(7);
    // Those that anybody may ask are few, and each is known here.
    const open = routes.filter(({ access }) => access === 'public').flatMap(({ paths }) => paths);
    const isKnown =
      /^\/$|^\/v1\.0(\/engagements)?$|metadata$|^\/openapi\.json$|openid-configuration$|\/keys$|^\/health\/|^\/metrics$|^\/sign-in|^\/directory\/v1\/invitations/;
    expect(open.filter((path) => !isKnown.test(path))).toEqual([]);
    // Where people and programs sign in, no access token is asked for; these are all such places.
    const raw = providerRoutes.flatMap(({ paths }) => paths);
    expect(raw.filter((path) => !/^\/\{tenant\}\/oauth2\/|^\/device(\/|$)/.test(path))).toEqual([]);
  });
});

describeOnEachEngine('who may what', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    issuer = await startIssuer();
    const ISSUERS = issuersSetting({ issuer, tenants: [subjects.admin.tid] });
    server = await startTestServer(engine, { SANDBOX: 'true', ISSUERS });
    const { store, issuer: builtIn } = server.exchange;
    const { changeDirectory, mintToken } = createOperations(store, builtIn, () => server.origin);
    await changeDirectory({ kind: 'addOrganization', id: wingtip, name: 'Wingtip' });
    for (const [name, { organization, email, roles: given, door, isOperator }] of Object.entries(callers)) {
      if (isOperator || door === 'userRequired') continue;
      await changeDirectory({ kind: 'addUser', organization, name, email });
      for (const [role, mpnId] of given) {
        await changeDirectory({ kind: 'addRole', user: name, role, ...(mpnId === undefined ? {} : { mpnId }) });
      }
      tokens[name] = await server.tokenOf(name);
      if (door === 'userInactive') await changeDirectory({ kind: 'changeUser', user: name, isActive: false });
    }
    tokens.operator = (await mintToken({ operator: true })).token;
    const claims = { iss: issuer.name, aud: 'api://cosell', exp: seconds(3_600), ...subjects.admin, idtyp: 'app' };
    tokens.application = await issuer.sign({ ...claims, roles: ['GlobalAdmin'] });
  });
  afterAll(() => Promise.all([server.close(), issuer.close()]));

  const ask = (caller: string, method: string, path: string) =>
    server.ask(path, {
      method,
      headers: {
        authorization: `Bearer ${tokens[caller]}`,
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        ...(method === 'PUT' ? { 'if-match': '"none"' } : {}),
      },
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: bodyOf(method) }),
    });
  /** What an answer says, where refusals count: a fault of the body or of the condition was let in. */
  const verdictOf = async (caller: string, method: string, path: string): Promise<Verdict> => {
    const answer = await ask(caller, method, path);
    expect(answer.status, answer.text).toBeLessThan(500);
    if (![401, 403, 404].includes(answer.status)) return 'in';
    return [answer.status, answer.json<{ error: { innerError: { code: string } } }>().error.innerError.code];
  };

  it.each(Object.entries(callers))('%s, for each referral', async (caller, asker) => {
    for (const route of routes.filter(isOfReferral)) {
      for (const referral of referrals) {
        const path = (route.paths[0] ?? '').replace('{id}', referral.id);
        const seen = await verdictOf(caller, route.method, path);
        expect([route.method, path, seen]).toEqual([route.method, path, atReferral(asker, route, referral)]);
      }
    }
  });

  it.each(Object.entries(callers))('%s, at all other routes', async (caller, asker) => {
    for (const route of routes.filter((one) => !isOfReferral(one))) {
      const door = atDoor(asker, route);
      // The operator's acts are let in, as other tests show; here they would change the exchange for the others.
      if (route.access === 'operator' && door === 'in' && route.method !== 'GET') continue;
      for (const template of route.paths) {
        const path = template.replace('{organizationId}', contoso).replaceAll(/\{\w+\}/g, unknownIds[0] ?? '');
        const seen = await verdictOf(caller, route.method, path);
        const isForeign = isOfDirectory(route) && !asker.isOperator && asker.organization !== contoso;
        if (door !== 'in') expect([route.method, path, seen]).toEqual([route.method, path, door]);
        else if (route.access === 'public' || (isOfDirectory(route) && path.includes(unknownIds[0] ?? ''))) {
          expect([path, typeof seen === 'string' || seen[0] === 404 || seen[1] === 'metricsForbidden']).toEqual([
            path,
            true,
          ]);
        } else if (isForeign && template.includes('{organizationId}')) {
          expect([route.method, path, seen]).toEqual([route.method, path, [404, 'directoryEntryNotFound']]);
        } else expect([route.method, path, seen]).toEqual([route.method, path, 'in']);
      }
    }
  });
});
