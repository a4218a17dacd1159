import { expect, test } from 'vitest'
import { renderPages } from './page-tables.ts'

const marked = (name: string, text: string) => `<!-- ${name}:start -->\n${text}\n<!-- ${name}:end -->\n`

test('each table is rendered between its marks on its own page, and the rest of the page stays', () => {
  const texts: Record<string, string> = {
    'README.md': `# Title\n\n${marked('events', 'old')}\nThe end.\n`,
    'shared/README.md': `${marked('faults', 'old')}${marked('figures', 'old')}`,
  }
  const tables = {
    events: { page: 'README.md', render: () => '| $1 |' },
    faults: { page: 'shared/README.md', render: () => '| faults |' },
    figures: { page: 'shared/README.md', render: () => '| figures |' },
  }
  const { pages, faults } = renderPages(tables, (page) => texts[page])
  expect(faults).toEqual([])
  expect(Object.fromEntries(pages)).toEqual({
    'README.md': `# Title\n\n${marked('events', '\n| $1 |\n')}\nThe end.\n`,
    'shared/README.md': `${marked('faults', '\n| faults |\n')}${marked('figures', '\n| figures |\n')}`,
  })
})

test('a table whose page is missing or has no marks for it is found', () => {
  const tables = {
    events: { page: 'README.md', render: () => '' },
    faults: { page: 'gone.md', render: () => '' },
  }
  const { faults } = renderPages(tables, (page) => (page === 'README.md' ? marked('faults', '') : undefined))
  expect(faults).toEqual([
    'README.md has no <!-- events:start --> ... <!-- events:end -->, where the table of events belongs',
    'gone.md has no <!-- faults:start --> ... <!-- faults:end -->, where the table of faults belongs',
  ])
})
