import type { Mac } from './row'

/** What one day of the log adds up to. It is written after the day's rows, so rows that are cut off the day's end are missed. */
export type Day = {
  _id: string
  count: number
  /** The hash of its last row. */
  head: string
  /** The hash of the last row before it. */
  previous: string
}

/** The last place that is certainly recorded. Rows beyond it belong to an append that broke off or is under way. */
export type Head = {
  _id: 'log'
  /** The id of the last row; empty before there is one. */
  row: string
  hash: string
  /** Over the other two: without the key nobody can claim that the log ends sooner. */
  mac: string
}

export function headAt(row: string, hash: string, mac: Mac): Head {
  return { _id: 'log', row, hash, mac: mac({ row, hash }) }
}

/** Whether this Worker made a head, with its key. */
export const isGenuine = ({ row, hash, mac: found }: Head, mac: Mac): boolean => mac({ row, hash }) === found
