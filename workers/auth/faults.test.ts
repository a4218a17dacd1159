import { env as bindings } from 'cloudflare:workers'
import { expect } from 'vitest'
import { faultBattery, faultyObjects, outcomeOf } from '../../shared/testing/fault-battery'
import { call } from '../../shared/testing/http'
import { app } from './routes'
import { anEmail, password } from './testing/fixtures'

faultBattery('database', 'auth', {
  'auth POST /v1/auth/login': async (fault) => {
    const env = { ...bindings, DATABASE: faultyObjects(bindings.DATABASE, fault) }
    const email = anEmail()
    const post = (path: string, body: object) => call((request) => app.fetch(request, env), 'POST', path, { body })
    const login = () => post('/v1/auth/login', { email, password })
    expect((await post('/v1/auth/register', { email, password, name: 'Ada' })).status).toBe(201)
    return {
      env,
      act: async () => outcomeOf(await login()),
      recover: async () => expect(await login()).toMatchObject({ status: 200, json: { user: { email } } }),
    }
  },
})
