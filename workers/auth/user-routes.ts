import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import type { Deps } from './deps'
import { RoleSchema, toUserDto, UserDto } from './dto'
import { changeRole } from './roles'

const roleRoute = defineRoute(['admin'], {
  method: 'put',
  path: '/v1/auth/users/{id}/role',
  tags: ['auth'],
  summary: 'Give a user another role; their sessions end',
  request: { params: z.object({ id: idSchema('usr') }), body: jsonBody(RoleSchema) },
  responses: { 200: answers('The user', UserDto) },
})

/** What operators do with users. */
export function userRoutes(app: App<AuthEnv, Deps>): void {
  app.openapi(roleRoute, async (c) => {
    const { role, storeName = null } = c.req.valid('json')
    const user = await changeRole(c.var.deps, requireActor(c), c.req.valid('param').id, { role, storeName })
    return c.json(toUserDto(user), 200)
  })
}
