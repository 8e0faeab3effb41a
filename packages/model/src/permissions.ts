/** Roles and what they allow (facts §2.2, decision 9). */

/** How far a permission reaches within the caller's own organisation. */
export const reaches = {
  organisation: 'everything of the organisation',
  location: 'everything, or what belongs to the locations that the role is given for',
  wholeCompany: 'everything, where the role is given for the whole company, and else nothing',
  team: 'referrals whose team has the e-mail address of the directory',
} as const satisfies Record<string, string>;

/** How far a permission reaches. */
export type Reach = keyof typeof reaches;

/** What can be allowed. */
export const permissions = {
  'referral.read': 'Read referrals, one or a list, with their history.',
  'referral.create': 'Create referrals.',
  'referral.update': 'Change, accept, decline and close referrals.',
  'colleague.read': 'Read who of the organisation can be put on a team: names and e-mail addresses.',
  'directory.read': 'Read the directory of the organisation.',
  'directory.manage': 'Change the directory of the organisation, and give roles.',
  'audit.read': 'Read the audit of the organisation.',
} as const satisfies Record<string, string>;

/** The name of a permission. */
export type Permission = keyof typeof permissions;

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
    description: 'Reads and writes all referrals of the organisation, and manages its directory.',
    isScoped: false,
    allows: {
      'referral.read': 'organisation',
      'referral.create': 'organisation',
      'referral.update': 'organisation',
      'colleague.read': 'organisation',
      'directory.read': 'organisation',
      'directory.manage': 'organisation',
      'audit.read': 'organisation',
    },
  },
  ReferralAdmin: {
    title: 'Referral Admin',
    description: 'Reads and writes all referrals of the organisation, or those of the locations it is given for.',
    isScoped: true,
    allows: {
      'referral.read': 'location',
      'referral.create': 'location',
      'referral.update': 'location',
      'colleague.read': 'organisation',
      'directory.read': 'wholeCompany',
    },
  },
  ReferralUser: {
    title: 'Referral User',
    description: 'Reads and writes the referrals whose team has his e-mail address.',
    isScoped: true,
    allows: {
      'referral.read': 'team',
      'referral.create': 'team',
      'referral.update': 'team',
      'colleague.read': 'organisation',
    },
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
    const { allows }: RoleRow = roles[role];
    const reach = allows[permission];
    if (reach === 'organisation' || (reach !== 'team' && reach !== undefined && mpnId === null))
      isWholeOrganisation = true;
    else if (reach === 'location' && mpnId !== null) locations.push(mpnId);
    else if (reach === 'team') isTeamMember = true;
  }
  if (!isWholeOrganisation && !isTeamMember && locations.length === 0) return undefined;
  return { isWholeOrganisation, locations, isTeamMember };
}

/** The titles of the roles that have a permission, the least first. */
export function rolesWith(permission: Permission): string[] {
  const rows: readonly RoleRow[] = Object.values(roles);
  return rows
    .filter(({ allows }) => allows[permission] !== undefined)
    .map(({ title }) => title)
    .reverse();
}

/** Whether somebody reaches with his own roles whatever another role would reach: nobody gives more than he has. */
export function canGive(held: readonly RoleAssignment[], given: RoleAssignment): boolean {
  return (Object.keys(roles[given.role].allows) as Permission[]).every((permission) => {
    const [own, wanted] = [grantOf(held, permission), grantOf([given], permission)];
    if (wanted === undefined || own?.isWholeOrganisation === true) return true;
    if (own === undefined || wanted.isWholeOrganisation) return false;
    return (own.isTeamMember || !wanted.isTeamMember) && wanted.locations.every((one) => own.locations.includes(one));
  });
}
