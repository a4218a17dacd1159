import { renderEventTable } from './event-table.ts'
import { renderFaultTables } from './fault-tables.ts'
import { renderFigures } from './figure-table.ts'

/** A table that is rendered from code, and the page that shows it between `<!-- name:start -->` and `<!-- name:end -->`. */
export type PageTable = { page: string; render: () => string }

/** The tables by the names of their marks. */
export type PageTables = Readonly<Record<string, PageTable>>

/** Every such table; to move one, move its marks and name the page here. */
export const pageTables: PageTables = {
  events: { page: 'README.md', render: renderEventTable },
  faults: { page: 'shared/testing/README.md', render: renderFaultTables },
  figures: { page: 'workers/seller-dashboard/figures.md', render: renderFigures },
}

const markOf = (name: string) => new RegExp(`(<!-- ${name}:start -->\n).*?(<!-- ${name}:end -->)`, 's')

/**
 * The pages with the present tables in them, under their paths, and which tables have no marks on their page. `read` returns the
 * text of a page, or undefined when there is none.
 */
export function renderPages(
  tables: PageTables,
  read: (page: string) => string | undefined,
): { pages: ReadonlyMap<string, string>; faults: string[] } {
  const pages = new Map<string, string>()
  const faults: string[] = []
  for (const [name, { page, render }] of Object.entries(tables)) {
    const text = pages.get(page) ?? read(page) ?? ''
    if (markOf(name).test(text)) {
      pages.set(
        page,
        text.replace(markOf(name), (_match, start: string, end: string) => `${start}\n${render()}\n\n${end}`),
      )
    } else faults.push(`${page} has no <!-- ${name}:start --> ... <!-- ${name}:end -->, where the table of ${name} belongs`)
  }
  return { pages, faults }
}
