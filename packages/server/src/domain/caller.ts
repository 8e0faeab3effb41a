import type { Grant, RoleAssignment } from '@cosell/model';

/** Who is asking: a user of the directory, proved by his token and read from the directory for this request. */
export interface Caller {
  readonly organizationId: string;
  readonly userName: string;
  /** The directory's address for him, never a claim's. */
  readonly email: string;
  readonly roles: readonly RoleAssignment[];
}

/** A caller who may come in, and how far he reaches with the permission that the route asks for. */
export interface AdmittedCaller extends Caller {
  readonly grant: Grant;
}
