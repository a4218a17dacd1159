import { expect, test } from 'vitest'
import { addMissing, localValues, makeSecrets } from './secrets.ts'

test('what is there stays, and what is missing is added once', () => {
  const mine = "# mine\nREFRESH_SECRET='kept'"
  const first = addMissing(mine, ['REFRESH_SECRET', 'TICKET_SECRET'])
  expect(first.text).toMatch(/^# mine\nREFRESH_SECRET='kept'\nENVIRONMENT='local'\nTICKET_SECRET='[\w-]{43}'\n$/)
  expect(first.added).toEqual(['ENVIRONMENT', 'TICKET_SECRET'])
  expect(addMissing(first.text, ['REFRESH_SECRET', 'TICKET_SECRET'])).toEqual({ text: first.text, added: [] })
})

test('signing keys sign and differ each time', async () => {
  const [first, second] = [makeSecrets(['AUTH_SIGNING_KEYS']), makeSecrets(['AUTH_SIGNING_KEYS'])]
  expect(first).not.toEqual(second)
  const [jwk] = JSON.parse(first.AUTH_SIGNING_KEYS ?? '')
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'Ed25519' }, false, ['sign'])
  expect((await crypto.subtle.sign('Ed25519', key, new Uint8Array(1))).byteLength).toBe(64)
})

test('any setting may be given in the file or in the environment, which goes first', () => {
  const written = { MODEL_URL: 'https://written.example', RESEND_API_KEY: 'written' }
  const environment = { MODEL_URL: 'https://given.example', MAIL_FROM: 'given@example.com', HOME: '/root' }
  expect(localValues(written, environment)).toEqual({
    MODEL_URL: 'https://given.example',
    RESEND_API_KEY: 'written',
    MAIL_FROM: 'given@example.com',
  })
})
