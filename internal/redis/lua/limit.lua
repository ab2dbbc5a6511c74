-- Lets somebody do something, or says how long they have to wait (GCRA).
--
-- KEYS[1]  when everything that was let through so far is worked off, in milliseconds
-- ARGV[1]  the time between two at an even pace, in milliseconds
-- ARGV[2]  how far ahead of that pace one may be, in milliseconds
-- ARGV[3]  1 to do it, 0 to only ask
-- Answers  0, or the milliseconds to wait; nothing is noted then
local call = redis.call
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local after = math.max(tonumber(call('GET', KEYS[1]) or 0), now) + ARGV[1]
local wait = after - ARGV[2] - now
if wait > 0 then return math.ceil(wait) end
if ARGV[3] == '0' then return 0 end
call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil(after - now))
return 0
