-- Takes one search, every time, and notes whether its visitor is new to the query.
--
-- KEYS[1]  who has searched for what on this day
-- KEYS[2]  the stream
-- ARGV[1]  visitor and query, a 64-bit integer
-- ARGV[2]  how long it is remembered, in seconds
-- ARGV[3]  how many events may wait
-- ARGV[4]  the field that says '1' of a new visitor
-- ARGV[5+] the other fields
-- Answers  'new' or 'full'
local call = redis.call
if call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return 'full' end
local new = call('SADD', KEYS[1], ARGV[1])
call('XADD', KEYS[2], '*', ARGV[4], new, unpack(ARGV, 5))
if new == 1 and call('TTL', KEYS[1]) < 0 then call('EXPIRE', KEYS[1], ARGV[2]) end
return 'new'
