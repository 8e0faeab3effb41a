/** Rows on a page unless the client says otherwise, and at most (decision 20). */
const usualPage = 100;
const largestPage = 1_000;

/** How many rows a page has: by `$top`, by what is left of it, and by what the client would like. */
export function pageLimit({
  top,
  remaining,
  pageSize,
}: {
  readonly top: number | undefined;
  readonly remaining: number | null;
  readonly pageSize: number | null;
}): number {
  return Math.min(remaining ?? largestPage, pageSize ?? (top === undefined ? usualPage : largestPage), largestPage);
}
