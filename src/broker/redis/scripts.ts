/**
 * The broker's scripts. Facts about Redis 7.0 that shape them:
 *
 * - A Redis without memory rejects a script at its first write, and only if that is an XADD. So the
 *   XADD comes first, and a script that was rejected has done nothing.
 * - XACK does not check who owns the entry, and XDEL leaves the entry pending: the two always go
 *   together.
 * - XGROUP DELCONSUMER drops pending entries: only after a check of `pending` in the same script.
 * - XREADGROUP without BLOCK is allowed in scripts.
 */
import { redisScript } from "../../redis/script.ts";

/**
 * Some streams expire when nothing was added for a time. A user without the right to PEXPIRE keeps
 * them.
 */
const LIMIT_LIFE = `
local function limit_life(key, ms)
  if ms ~= '0' then redis.pcall('PEXPIRE', key, ms) end
end`;

/** KEYS: a stream. ARGV: its lifetime in ms, 0 for none; task ids. */
export const SEND = redisScript(`${LIMIT_LIFE}
for i = 2, #ARGV do redis.call('XADD', KEYS[1], '*', 't', ARGV[i]) end
limit_life(KEYS[1], ARGV[1])
return #ARGV - 1`);

/**
 * Reads without blocking, stream by stream, until `max` entries are found. Creates missing streams
 * and groups, also in a full Redis, since the read before counts as the first write. KEYS: streams
 * in reading order. ARGV: group, consumer, max, lifetime of new streams. Returns pairs of a key's
 * index and its entries.
 */
export const READ = redisScript(`${LIMIT_LIFE}
local found, left = {}, tonumber(ARGV[3])
for i, key in ipairs(KEYS) do
  if left <= 0 then break end
  local function read()
    return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', left, 'STREAMS', key, '>')
  end
  local reply = read()
  if reply and reply.err and string.sub(reply.err, 1, 7) == 'NOGROUP' then
    redis.call('XGROUP', 'CREATE', key, ARGV[1], '0', 'MKSTREAM')
    limit_life(key, ARGV[4])
    reply = read()
  end
  if reply and reply.err then return reply end
  if reply then
    local entries = reply[1][2]
    left = left - #entries
    found[#found + 1] = { i, entries }
  end
end
return found`);

/**
 * Defines `progress`: the id up to which a group has read, and its number of pending entries; nil
 * without such a group.
 */
const PROGRESS = `
local function progress(key, name)
  local groups = redis.pcall('XINFO', 'GROUPS', key)
  if groups.err then return end
  for _, flat in ipairs(groups) do
    local group = {}
    for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
    if group.name == name then return group['last-delivered-id'], group.pending end
  end
end`;

/**
 * Creates streams and group. From 0, so that hints from before the group are delivered. KEYS:
 * streams. ARGV: group, lifetime.
 */
export const MAKE_GROUPS = redisScript(`${LIMIT_LIFE}
for _, key in ipairs(KEYS) do
  local reply = redis.pcall('XGROUP', 'CREATE', key, ARGV[1], '0', 'MKSTREAM')
  if type(reply) == 'table' and reply.err and string.sub(reply.err, 1, 9) ~= 'BUSYGROUP' then return reply end
  limit_life(key, ARGV[2])
end
return 1`);

/**
 * Acks many entries at once. XDEL walks through the node of each entry, which takes about two
 * microseconds, while XTRIM drops whole nodes. Entries older than the oldest pending one were acked
 * by everyone, so they are trimmed. The rest is deleted one by one. KEYS: a stream. ARGV: group,
 * entry ids.
 */
export const ACK = redisScript(`
local key, group, ids = KEYS[1], ARGV[1], { unpack(ARGV, 2) }
redis.call('XACK', key, group, unpack(ids))
local oldest = #ids >= 16 and redis.call('XPENDING', key, group)[2]
if oldest then
  local function parts(id)
    local ms, seq = string.match(id, '^(%d+)-(%d+)$')
    return tonumber(ms), tonumber(seq)
  end
  local untilMs, untilSeq = parts(oldest)
  local left = {}
  for _, id in ipairs(ids) do
    local ms, seq = parts(id)
    if ms > untilMs or (ms == untilMs and seq > untilSeq) then left[#left + 1] = id end
  end
  redis.call('XTRIM', key, 'MINID', oldest)
  ids = left
end
return #ids == 0 and 0 or redis.call('XDEL', key, unpack(ids))`);

/**
 * Returns entries to the end of the stream, but only those that are still there: an entry that
 * another consumer claimed in between was returned already, and a second copy would multiply. KEYS:
 * a stream. ARGV: group, then for each entry its id, its task id, its bounces.
 */
export const PUT_BACK = redisScript(`
local back = 0
for i = 2, #ARGV, 3 do
  local entry = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
  if entry then
    local partition
    for j = 1, #entry[2], 2 do if entry[2][j] == 'l' then partition = entry[2][j + 1] end end
    if partition then redis.call('XADD', KEYS[1], '*', 't', ARGV[i + 1], 'l', partition)
    else redis.call('XADD', KEYS[1], '*', 't', ARGV[i + 1], 'b', ARGV[i + 2]) end
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
    redis.call('XDEL', KEYS[1], ARGV[i])
    back = back + 1
  end
end
return back`);

/**
 * Resets the idle time of a consumer's pending entries. Checks the owner first, since XCLAIM would
 * take an entry from another consumer. KEYS: a stream. ARGV: group, consumer, entry ids.
 */
export const KEEP = redisScript(`
for i = 3, #ARGV do
  local reply = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)
  if reply[1] and reply[1][2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
return 1`);

/**
 * Returns a consumer's pending entries. KEYS: a stream. ARGV: group, consumer, after which id, how
 * many.
 */
export const PENDING = redisScript(`
local reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[4], 'STREAMS', KEYS[1], ARGV[3])
if not reply or reply.err then return {} end
return reply[1][2]`);

/**
 * Defines `copy`: moves an entry to the end of its stream unchanged. Drops one that cannot come
 * from Lovage.
 */
const COPY = `
local function copy(key, group, entry)
  if entry and entry[2] and #entry[2] <= 16 then redis.call('XADD', key, '*', unpack(entry[2])) end
  redis.call('XACK', key, group, entry[1])
  redis.call('XDEL', key, entry[1])
end`;

/**
 * Returns entries that no consumer works at to the end of the stream, and removes consumers that
 * are gone. Two kinds:
 *
 * - entries that were delivered long ago and never acked;
 * - entries that the group has read past and no consumer has. Redis 7.0 keeps half a transaction at
 *   the end of its append-only file and executes it at a later start. No read would return these
 *   entries, and they count in the depth, where they hide that hints of other tasks are lost. They
 *   are searched one page at a time, and only when the stream is longer than its pending entries.
 *
 * KEYS: a stream. ARGV: group, consumer, least idle time in ms, cursor, start of the page. Returns
 * the next cursor, how many entries were moved, and the start of the next page.
 */
export const CLAIM_IDLE = redisScript(`${COPY}${PROGRESS}
local key, group, idle = KEYS[1], ARGV[1], tonumber(ARGV[3])
local reply = redis.pcall('XAUTOCLAIM', key, group, ARGV[2], idle, ARGV[4], 'COUNT', 100)
if reply.err then
  if string.sub(reply.err, 1, 7) == 'NOGROUP' then return { '0-0', 0, '-' } end
  return reply
end
local moved = 0
for _, entry in ipairs(reply[2]) do
  if entry then
    copy(key, group, entry)
    moved = moved + 1
  end
end
if reply[1] ~= '0-0' then return { reply[1], moved, ARGV[5] } end
for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', key, group)) do
  local consumer = {}
  for i = 1, #flat, 2 do consumer[flat[i]] = flat[i + 1] end
  if consumer.pending == 0 and consumer.idle > 2 * idle and consumer.name ~= ARGV[2] then
    redis.call('XGROUP', 'DELCONSUMER', key, group, consumer.name)
  end
end
local last, pending = progress(key, group)
if redis.call('XLEN', key) <= pending then return { '0-0', moved, '-' } end
local page = redis.call('XRANGE', key, ARGV[5], last, 'COUNT', 100)
for _, entry in ipairs(page) do
  if #redis.call('XPENDING', key, group, entry[1], entry[1], 1) == 0 then
    copy(key, group, entry)
    moved = moved + 1
  end
end
return { '0-0', moved, #page == 100 and '(' .. page[100][1] or '-' }`);

/**
 * Returns a consumer's entries to the stream, and removes it from the group. KEYS: a stream. ARGV:
 * group, consumer. Returns 1 when done.
 */
export const LEAVE = redisScript(`${COPY}
local key, group, me = KEYS[1], ARGV[1], ARGV[2]
local reply = redis.pcall('XREADGROUP', 'GROUP', group, me, 'COUNT', 1000, 'STREAMS', key, '0')
if not reply or reply.err then return 1 end
local entries = reply[1][2]
for _, entry in ipairs(entries) do copy(key, group, entry) end
if #entries > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', key, group, me)
return 1`);

/**
 * Acks an entry that is not a hint, and keeps a description in a list if there is memory. KEYS: a
 * stream, the list. ARGV: group, id, description, how many to keep.
 */
export const QUARANTINE = redisScript(`
redis.pcall('LPUSH', KEYS[2], ARGV[3])
redis.pcall('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1)
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])`);

/**
 * Deletes entries that are not delivered yet. KEYS: a stream. ARGV: group, how many at most.
 * Returns how many it deleted.
 */
export const PURGE = redisScript(`${PROGRESS}
local last = progress(KEYS[1], ARGV[1])
local entries = redis.call('XRANGE', KEYS[1], last and '(' .. last or '-', '+', 'COUNT', ARGV[2])
for _, entry in ipairs(entries) do redis.call('XDEL', KEYS[1], entry[1]) end
return #entries`);
