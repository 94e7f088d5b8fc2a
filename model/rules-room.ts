import type { Rule } from './rule.ts';

/** A campaign that draws everything fills a tmpfs. */
const ON_TMPFS = {
  source: 'observed on linux-5.10, 6.1, 6.12, 6.18 and 7.3, on tmpfs',
  on: ['tmpfs'],
  with: ['any'],
} as const;

/** What there is no room for. */
export const ROOM_RULES = {
  'room/none-left': {
    says: 'What finds no room on the upper file system fails; no redirect is EXDEV, else ENOSPC.',
    ...ON_TMPFS,
  },
  'whiteout/not-shared-any-more': {
    says: 'A shared whiteout that cannot be linked is used up itself, and none is shared again.',
    ...ON_TMPFS,
  },
  'room/short-write': {
    says: 'A write stamps the file, and ends before the first page that finds no room.',
    ...ON_TMPFS,
  },
  'room/allocates-all-or-nothing': {
    says: 'fallocate(2) that finds no room for all of a range takes nothing.',
    ...ON_TMPFS,
  },
  'room/copy-up-without-data': {
    says: 'Copy-up without room for the data fails, leaves nothing, and works once there is room.',
    ...ON_TMPFS,
  },
} as const satisfies Record<string, Rule>;
