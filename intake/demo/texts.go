package demo

import "strings"

// Sentences of descriptions. {S} is the topic's own sentence, {T} the topic, {C} the
// next chapter, {A} an audience, {K} the number of chapters, {P} the teachers, {O} the
// org, {L} what the level asks for.
var (
	openings = []string{
		"{S}本课程围绕{T}展开，不追求面面俱到，只讲真正会反复用到的内容。",
		"{S}这门课把{T}拆成一个个可以当天学完的小题目，学完一个就能用上一个。",
		"为什么要学{T}？{S}课程从这个问题出发，每一讲都先说清动机，再给出方法。",
		"{S}我们把多年教{T}的讲义重新整理，删去了三分之一，留下的都是学员问得最多的部分。",
		"学{T}的人很多，学完的人很少。{S}这门课把节奏放慢，把练习放多，陪你走到最后一讲。",
		"{S}与其把{T}的概念背下来，不如亲手做一遍，课程的每一讲都配有可以跟着做的例子。",
		"{T}常常被讲得很玄，其实并不难。{S}我们尽量少用术语，用到的时候一定解释。",
	}
	readers = map[style][]string{
		styleTech: {
			"如果你会一点基础，却总写不出完整的东西，这门课正适合你。",
			"想转行做技术，但不知道从哪里开始的人，可以把它当作第一级台阶。",
			"工作里天天用到{T}，却说不清它为什么这样设计，不妨来补上这一课。",
			"适合准备找工作、想在简历里写下一个真实项目的同学。",
			"已经带团队的工程师，也能在后半部分找到可以直接拿去用的清单。",
		},
		styleStudy: {
			"适合正在学校里修这门课、想听另一种讲法的同学。",
			"离开学校多年、想重新捡起来的人，也能跟得上。",
			"准备升学考试的同学，可以把它当作第一轮复习。",
			"对{T}好奇、但没有相关专业背景的人，会发现它比想象中亲切。",
			"教师同行可以取用课件与习题，注明来处即可。",
		},
		styleCraft: {
			"适合下班之后想给自己留一小时的人。",
			"从来没有接触过{T}的人，也可以放心报名。",
			"自学过一阵、遇到瓶颈的人，会在课上找到原因。",
			"想把爱好变成一份副业的人，可以重点听最后两讲。",
			"家长可以带着孩子一起学，作业允许合作完成。",
		},
		styleExam: {
			"适合第一次备考、不知道先看哪一本书的考生。",
			"在职考生时间碎，每节课都控制在二十五分钟以内。",
			"去年差几分的考生，可以直接从诊断测试开始。",
			"基础薄弱也不要紧，前两周专门补基础。",
		},
	}
	contents = []string{
		"全课共{K}章：先讲{C}和{C}，把概念和来历说清楚；再进入{C}、{C}，配有完整的例子；最后用{C}把前面的内容串起来。",
		"课程分为三个阶段。第一阶段打基础，包括{C}与{C}；第二阶段是重点，集中在{C}和{C}；第三阶段以{C}收尾，完成一个综合作业。",
		"{K}章内容由浅入深，从{C}起步，经过{C}、{C}与{C}，到{C}为止，每一章都可以单独复习。",
		"我们按遇到问题的先后顺序安排内容：先碰到{C}，于是需要{C}；学会了{C}，才谈得上{C}与{C}。",
	}
	chapters = []string{
		"在{C}这一章，我们先看一个做错的例子，再一步步把它改对。",
		"{C}是许多人卡住的地方，课上会用三种不同的说法各讲一遍。",
		"讲到{C}时，会请大家先暂停视频，自己试十分钟，再听讲解。",
		"{C}部分内容较多，拆成了四个短视频，可以分两天看完。",
		"关于{C}，网上的说法互相矛盾，我们把来龙去脉查清楚再讲。",
		"{C}一章配有自测题，答对八成以上再往下走会轻松许多。",
		"学完{C}，就可以完成第一个小作品，并在讨论区互相点评。",
		"{C}在实际工作中用得最多，因此练习也安排得最多。",
		"{C}看起来枯燥，却决定了后面能走多远，请不要跳过。",
		"{C}的例子取自真实的场景，数据做了简化，思路没有。",
	}
	practices = map[style][]string{
		styleTech: {
			"课程作业是一个贯穿始终的项目，每章加一点功能，结束时可以直接放进作品集。",
			"所有代码都可以下载，建议不要复制，跟着敲一遍印象最深。",
			"实验环境打开网页就能用，不必在自己电脑上折腾安装。",
			"每两周有一次直播改代码，学员可以提交自己的程序请讲师点评。",
		},
		styleStudy: {
			"每章配有习题与参考解答，难题另有视频讲评。",
			"期中与期末各有一次测验，可以重复参加，取最高分。",
			"课程提供讲义、思维导图与一份错题整理模板。",
			"每月安排一次在线讨论，题目由学员投票产生。",
		},
		styleCraft: {
			"每周一个小作业，拍照或录音上传，三天内一定有回复。",
			"材料都很容易买到，清单在第一讲的附件里，总花费控制在一顿饭钱以内。",
			"课程最后有一次线上展览，每个人交一件自己最满意的作品。",
			"学员群里常有人约着一起练习，坚持下来的人多半因为有伴。",
		},
		styleExam: {
			"每周一套小测，错题自动进入下周的复习计划。",
			"近十年真题按考点重新编排，讲题先讲思路再讲答案。",
			"考前一个月安排三次全真模拟，成绩与往期学员对照。",
			"资料寄到家，电子版同步更新，勘误当天公布。",
		},
	}
	questions = []string{
		"问：每天没有整块时间，能学完吗？答：可以，每讲都能拆成两次听，手机上的进度会同步到电脑。",
		"问：和市面上的{T}教材有什么不同？答：教材求全，课程求用，我们把{C}放在最前面，因为它最先用到。",
		"问：听不懂怎么办？答：先做一遍{C}的练习，再回头听，多半就懂了；还不懂就在讨论区提问。",
		"问：需要准备什么？答：一本笔记本、一支笔，以及允许自己做错的心情。",
		"问：学完{T}之后可以接着学什么？答：看你想做什么，最后一讲会给出三条不同的路线。",
		"问：课程会过时吗？答：方法不会，例子会；例子我们每年换一次，{C}这一章去年刚刚重写。",
		"问：可以只听其中几章吗？答：可以，但请先看{C}，后面许多地方都会提到它。",
		"问：年纪大了还学得会吗？答：上一期最年长的学员六十八岁，他的结业作业得了满分。",
	}
	methods = []string{
		"课程每周更新两讲，每讲不超过二十分钟，配有字幕，可以倍速播放。",
		"提问在一个工作日内答复，常见问题每周汇总一次。",
		"学完全部内容并完成作业，可以获得结业证明。",
		"报名之后长期有效，内容更新不另收费。",
		"听完前两讲觉得不合适，可以随时退出，不问原因。",
		"视频可以下载到手机，通勤路上也能听。",
	}
	closings = []string{
		"{L}学完之后，你应该能够独立完成一件与{T}有关的小事，并且知道下一步该往哪里走。",
		"{L}课程由{P}主讲，欢迎在讨论区打个招呼，说说你为什么想学{T}。",
		"{L}我们不承诺速成，但承诺每一节课都认真准备。期待在{O}的课堂上见到你。",
		"{L}如果只记住一句话，那就是：{T}是练会的，不是看会的。",
		"{L}{P}会在最后一讲谈谈自己的弯路，希望你能少走几步。",
	}
	levelTexts = map[string]string{
		"beginner":     "不需要任何基础。",
		"intermediate": "需要一点基础，入门课程学完即可。",
		"advanced":     "建议有一年以上的相关经验再来学习。",
		"":             "不限基础，按自己的节奏学习。",
	}
	summaries = []string{
		"{S}", "用{K}章讲清{T}，从{C}到{C}。", "适合{A}的{T}课程，{L}", "{T}怎么学？从{C}开始，一步一步来。",
		"{O}的{T}课程，由{P}主讲。", "边做边学{T}，每章一个小任务。",
	}
	notices = []string{
		"开课后每周二、周五更新，请留意公告。", "作业请在两周内提交，逾期仍可学习，但不计入成绩。", "课程不提供纸质讲义，请自行下载。", "直播时间以当周通知为准，错过可以看回放。",
	}
	prerequisites = map[string][]string{
		"beginner":     {"没有要求，带着好奇心来就好。", "会用电脑上网即可。", "无需基础，建议准备一个笔记本。"},
		"intermediate": {"学过{T}的入门内容。", "了解{C}的基本概念。", "有过一次完整的练习或项目经历。"},
		"advanced":     {"熟悉{C}与{C}。", "有一年以上{T}的实践经验。", "能够独立阅读较长的资料。"},
		"":             {"没有硬性要求。"},
	}
	outcomesList = []string{
		"能说清{C}与{C}的区别和用处。", "能独立完成一个与{T}有关的作品。", "知道{T}里常见的错误以及怎样避免。", "能够继续自学更深入的{T}内容。", "能向别人讲明白{C}。",
	}
)

// Sentences of English descriptions: {E} the topic, {G} the area, {P}, {O}, {L} as above.
var (
	openingsEnglish = []string{
		"{E} looks harder from the outside than it is. This course starts with a small problem, solves it badly, and then finds out together with you how to solve it well.",
		"Most people who need {E} at work have learned it in a hurry. Here is the chance to learn it once more, in order, and to understand what you have been doing.",
		"What is {E} good for, and when is it the wrong choice? The course answers both questions with examples that you can try at once.",
		"This is a course on {E} for people who like to build things. Theory comes in when it is needed, never before.",
	}
	middlesEnglish = []string{
		"The first weeks cover the vocabulary and the tools, so that nobody is left behind.",
		"Each unit ends with a short exercise, and each exercise has a worked solution that shows the wrong turns as well.",
		"Halfway through you choose a project of your own; the remaining units help you to finish it.",
		"We read a few pages of original material every week and discuss them in the forum.",
		"The examples come from real cases in {G}, simplified but not made up to fit.",
		"Common mistakes have a unit of their own, because they teach more than success does.",
		"Guest speakers from industry explain how they use {E}, and what they would do differently today.",
		"You will keep a learning journal, which sounds old-fashioned and works very well.",
		"There are no trick questions in the quizzes; they check whether you can go on.",
		"A glossary of a hundred terms helps those for whom English is a second language.",
		"Peer review is part of the course: you will read the work of two others and write about it kindly and precisely.",
		"All recordings have captions and a transcript, and every diagram has a description in words.",
		"If you fall behind, the catch-up week in the middle of the term is there for exactly that reason.",
		"Readings are short, because long ones are not read; references for the curious are collected at the end of each unit.",
		"You may take the units in another order, as long as the one on tools and habits comes before your own project.",
		"Earlier learners have left more than two hundred worked examples in the forum, sorted by difficulty.",
		"The last unit looks at what comes after {E} and how to keep up without drowning in news.",
	}
	closingsEnglish = []string{
		"{L} The course is taught by {P} at {O}; questions are answered within a working day.",
		"{L} Plan for about three hours a week, and for one week of holiday in the middle.",
		"{L} When you finish you will have a small piece of work in {E} to show, and the habit of finishing things.",
	}
	levelTextsEnglish = map[string]string{
		"beginner":     "No previous knowledge is needed.",
		"intermediate": "You should have taken an introductory course or learned the basics at work.",
		"advanced":     "A year of practice is assumed.",
		"":             "Learners of every level are welcome.",
	}
	summariesEnglish = []string{
		"Learn {E} by building something small every week.", "{E}, explained slowly and with examples.", "A course on {E} by {P}.", "The parts of {E} that you will really use.",
	}
	lessonsEnglish = []string{
		"What {E} is for", "Setting up", "First steps in {E}", "The core ideas", "Working with examples", "When things go wrong",
		"A case from practice", "Tools and habits", "Measuring quality", "Working in a team", "Going deeper into {E}", "Your own project", "What to learn next",
	}
)

// chineseText is a description of some 700 characters.
func chineseText(d dice, s style, slot func(byte) string) string {
	parts := []string{pick(d, openings), pick(d, readers[s]), "\n\n", pick(d, contents)}
	parts = append(parts, sample(d, chapters, 6+d.IntN(4))...)
	parts = append(parts, "\n\n")
	parts = append(parts, sample(d, practices[s], 2)...)
	parts = append(parts, sample(d, methods, 2+d.IntN(2))...)
	parts = append(parts, "\n\n")
	parts = append(parts, sample(d, questions, 3+d.IntN(2))...)
	parts = append(parts, "\n\n", pick(d, closings))
	return fill(strings.Join(parts, ""), slot)
}

func englishText(d dice, slot func(byte) string) string {
	middle := sample(d, middlesEnglish, 9+d.IntN(4))
	half := len(middle) / 2
	return fill(pick(d, openingsEnglish)+" "+strings.Join(middle[:half], " ")+"\n\n"+
		strings.Join(middle[half:], " ")+"\n\n"+pick(d, closingsEnglish), slot)
}
