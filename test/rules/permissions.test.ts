import { canGive, grantOf, type RoleAssignment, roles, rolesWith } from '@cosell/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const whole = { isWholeOrganisation: true };
const assignment = (role: RoleAssignment['role'], mpnId: string | null = null): RoleAssignment => ({ role, mpnId });

describe('what roles allow', () => {
  it.each<[string, RoleAssignment[], object | undefined]>([
    ['no role allows nothing', [], undefined],
    ['a Global Admin reaches everything', [assignment('GlobalAdmin')], whole],
    ['a Referral Admin of the company reaches everything', [assignment('ReferralAdmin')], whole],
    [
      'a Referral Admin of a location reaches that location only',
      [assignment('ReferralAdmin', '5512345')],
      { isWholeOrganisation: false, locations: ['5512345'], isTeamMember: false },
    ],
    [
      'locations add up',
      [assignment('ReferralAdmin', '1'), assignment('ReferralAdmin', '2')],
      { isWholeOrganisation: false, locations: ['1', '2'], isTeamMember: false },
    ],
    [
      'a Referral User reaches what he is on the team of',
      [assignment('ReferralUser')],
      { isWholeOrganisation: false, locations: [], isTeamMember: true },
    ],
    [
      'a Referral User of a location reaches no more than his teams',
      [assignment('ReferralUser', '5512345')],
      { isWholeOrganisation: false, locations: [], isTeamMember: true },
    ],
    [
      'an admin of a location who is a user too has both',
      [assignment('ReferralUser'), assignment('ReferralAdmin', '1')],
      { isWholeOrganisation: false, locations: ['1'], isTeamMember: true },
    ],
    [
      'the widest role counts',
      [assignment('ReferralUser'), assignment('ReferralAdmin', '1'), assignment('ReferralAdmin')],
      whole,
    ],
  ])('%s', (_title, assignments, expected) => {
    const grant = grantOf(assignments, 'referral.read');
    if (expected === undefined) expect(grant).toBeUndefined();
    else expect(grant).toMatchObject(expected);
  });

  it('never shrinks by another role', () => {
    const assignments = fc.record<RoleAssignment>({
      role: fc.constantFrom(...(Object.keys(roles) as RoleAssignment['role'][])),
      mpnId: fc.constantFrom(null, '1', '2'),
    });
    fc.assert(
      fc.property(fc.array(assignments), assignments, (held, another) => {
        const before = grantOf(held, 'referral.read');
        const after = grantOf([...held, another], 'referral.read');
        expect(after).toBeDefined();
        if (before === undefined || after === undefined) return;
        expect(after.isWholeOrganisation).toBe(before.isWholeOrganisation || after.isWholeOrganisation);
        expect(after.isTeamMember || !before.isTeamMember).toBe(true);
        expect(before.locations.every((location) => after.locations.includes(location))).toBe(true);
      }),
    );
  });

  it('are given by nobody who does not have them', () => {
    const [global, admin, location, user] = [
      assignment('GlobalAdmin'),
      assignment('ReferralAdmin'),
      assignment('ReferralAdmin', '1'),
      assignment('ReferralUser'),
    ];
    const given = (held: RoleAssignment[]) => [global, admin, location, user].map((role) => canGive(held, role));
    expect(given([global])).toEqual([true, true, true, true]);
    expect(given([admin])).toEqual([false, true, true, true]);
    expect(given([location])).toEqual([false, false, true, false]);
    expect(given([location, user])).toEqual([false, false, true, true]);
    expect(given([user])).toEqual([false, false, false, true]);
    expect(given([])).toEqual([false, false, false, false]);
    expect(canGive([location], assignment('ReferralAdmin', '2'))).toBe(false);
  });

  it('name the least that it takes, for whoever is refused', () => {
    expect(rolesWith('referral.read')).toEqual(['Referral User', 'Referral Admin', 'Global Admin']);
    expect(rolesWith('directory.read')).toEqual(['Referral Admin', 'Global Admin']);
    expect(rolesWith('directory.manage')).toEqual(['Global Admin']);
  });

  it('are those of the documented roles', () => {
    expect(Object.values(roles).map(({ title }) => title)).toEqual(['Global Admin', 'Referral Admin', 'Referral User']);
  });
});
