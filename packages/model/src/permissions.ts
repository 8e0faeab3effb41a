/** Roles and what they allow (facts §2.2, decision 9). */

/** How far a permission reaches within the caller's own organisation. */
export type Reach = 'organisation' | 'location' | 'team';

/** What can be allowed. */
export type Permission = 'referral.read' | 'referral.create' | 'referral.update';

interface RoleRow {
  /** The documented name. */
  readonly title: string;
  readonly description: string;
  /** Whether it can be given for one location instead of the whole company. */
  readonly isScoped: boolean;
  readonly allows: Readonly<Partial<Record<Permission, Reach>>>;
}

export const roles = {
  GlobalAdmin: {
    title: 'Global Admin',
    description: 'Reads and writes all referrals of the organisation.',
    isScoped: false,
    allows: { 'referral.read': 'organisation', 'referral.create': 'organisation', 'referral.update': 'organisation' },
  },
  ReferralAdmin: {
    title: 'Referral Admin',
    description: 'Reads and writes all referrals of the organisation, or those of the locations it is given for.',
    isScoped: true,
    allows: { 'referral.read': 'location', 'referral.create': 'location', 'referral.update': 'location' },
  },
  ReferralUser: {
    title: 'Referral User',
    description: 'Reads and writes the referrals whose team has his e-mail address.',
    isScoped: true,
    allows: { 'referral.read': 'team', 'referral.create': 'team', 'referral.update': 'team' },
  },
} as const satisfies Record<string, RoleRow>;

/** The name of a role. */
export type RoleName = keyof typeof roles;

/** A role given to a user: for the whole company, or for one location. */
export interface RoleAssignment {
  readonly role: RoleName;
  /** The location; null for the whole company. */
  readonly mpnId: string | null;
}

/** What somebody reaches with one permission: everything, some locations, or what he is on the team of. */
export interface Grant {
  readonly isWholeOrganisation: boolean;
  readonly locations: readonly string[];
  readonly isTeamMember: boolean;
}

/** Adds up what several roles allow. Gives undefined when none of them has the permission. */
export function grantOf(assignments: readonly RoleAssignment[], permission: Permission): Grant | undefined {
  let isWholeOrganisation = false;
  let isTeamMember = false;
  const locations: string[] = [];
  for (const { role, mpnId } of assignments) {
    const reach: Reach | undefined = roles[role].allows[permission];
    if (reach === 'organisation' || (reach === 'location' && mpnId === null)) isWholeOrganisation = true;
    else if (reach === 'location' && mpnId !== null) locations.push(mpnId);
    else if (reach === 'team') isTeamMember = true;
  }
  if (!isWholeOrganisation && !isTeamMember && locations.length === 0) return undefined;
  return { isWholeOrganisation, locations, isTeamMember };
}
