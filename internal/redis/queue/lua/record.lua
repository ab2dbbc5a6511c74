-- Takes one event, once for each visitor.
--
-- KEYS[1]  who was seen at this item on this day
-- KEYS[2]  the stream
-- ARGV[1]  the visitor, a 64-bit integer: small sets of integers are stored compactly
-- ARGV[2]  how long the visitor is remembered, in seconds
-- ARGV[3]  how many events may wait
-- ARGV[4+] the fields
-- Answers  'new', 'seen' or 'full'
local call = redis.call
if call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 'seen' end
-- Nothing is trimmed: an event that was taken is never thrown away.
if call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return 'full' end
call('XADD', KEYS[2], '*', unpack(ARGV, 4))
call('SADD', KEYS[1], ARGV[1])
if call('TTL', KEYS[1]) < 0 then call('EXPIRE', KEYS[1], ARGV[2]) end
return 'new'
