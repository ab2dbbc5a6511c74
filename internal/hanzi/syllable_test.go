package hanzi_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xunke/xunke/internal/hanzi"
)

// spell writes the chosen readings, alternatives after "/", literals in place.
func spell(syllables []hanzi.Syllable, all bool) string {
	var parts []string
	for _, s := range syllables {
		switch {
		case s.Readings == nil:
			parts = append(parts, s.Literal)
		case all:
			parts = append(parts, strings.Join(s.Readings, "/"))
		default:
			parts = append(parts, s.Readings[0])
		}
	}
	return strings.Join(parts, " ")
}

func TestSyllablesOfTitles(t *testing.T) {
	tests := map[string]string{
		"数据结构与算法":      "shu ju jie gou yu suan fa",
		"重庆":           "chong qing",
		"音乐欣赏":         "yin yue xin shang",
		"银行会计":         "yin hang kuai ji",
		"行业分析":         "hang ye fen xi",
		"进行业务":         "jin xing ye wu",
		"银行业务":         "yin hang ye wu",
		"个人参与":         "ge ren can yu",
		"长城与长江":        "chang cheng yu chang jiang",
		"校长成长":         "xiao zhang cheng zhang",
		"线性代数":         "xian xing dai shu",
		"行列式":          "hang lie shi",
		"单片机原理":        "dan pian ji yuan li",
		"弹性力学":         "tan xing li xue",
		"传记文学":         "zhuan ji wen xue",
		"西藏与收藏":        "xi zang yu shou cang",
		"人参":           "ren shen",
		"参数":           "can shu",
		"厦门大学":         "xia men da xue",
		"成都大学":         "cheng du da xue",
		"声乐与乐理":        "sheng yue yu yue li",
		"快乐":           "kuai le",
		"中医药":          "zhong yi yao",
		"首都师范大学":       "shou du shi fan da xue",
		"调查":           "diao cha",
		"调整与空调":        "tiao zheng yu kong tiao",
		"绿色旅游":         "lv se lv you",
		"女性学":          "nv xing xue",
		"战略":           "zhan lve",
		"率领":           "shuai ling",
		"效率":           "xiao lv",
		"降落伞":          "jiang luo san",
		"创伤":           "chuang shang",
		"供应链":          "gong ying lian",
		"解剖学":          "jie pou xue",
		"朝鲜语":          "chao xian yu",
		"为什么":          "wei shen me",
		"了解中国":         "liao jie zhong guo",
		"目的地":          "mu di di",
		"混凝土":          "hun ning tu",
		"冠状动脉":         "guan zhuang dong mai",
		"还原":           "huan yuan",
		"重构":           "chong gou",
		"重力":           "zhong li",
		"番茄":           "fan qie",
		"丽水":           "li shui",
		"蚌埠":           "beng bu",
		"六安":           "lu an",
		"大夫":           "da fu",
		"佛教":           "fo jiao",
		"柏林":           "bo lin",
		"颈椎":           "jing zhui",
		"乾隆":           "qian long",
		"乾燥":           "gan zao",
		"音樂與數據結構":      "yin yue yu shu ju jie gou",
		"重慶":           "chong qing",
		"Java多线程":      "java duo xian cheng",
		"C语言":          "c yu yan",
		"Python3.12入门": "python3 12 ru men",
		"Ｖｕｅ 3 基础":     "vue 3 ji chu",
		"眼科学——探索":      "yan ke xue tan suo",
		"〇":            "ling",
		"Calculus I":   "calculus i",
		"日本語の本":        "ri ben yu ben",
		"":             "",
	}
	for in, want := range tests {
		if got := spell(hanzi.Syllables(in), false); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestSyllablesKeepWhatIsPlausible(t *testing.T) {
	tests := map[string]string{
		"音乐":  "yin yue",          // settled by a phrase
		"模具":  "mu/mo ju",         // both are typed
		"会计":  "kuai/hui ji",      // the wrong one is typed too
		"长":   "chang/zhang",      // open
		"曾祥":  "ceng/zeng xiang",  // a title, so not a surname first
		"数据A": "shu ju a",         // literals have none
		"角色":  "jue/jiao se",      // both are typed
		"粘度计": "nian/zhan du ji",  // a phrase inside
		"重组":  "chong/zhong zu",   //
		"切削":  "qie xue/xiao",     //
		"薄壁":  "bo/bao bi",        //
		"给水":  "ji/gei shui",      //
		"同行":  "tong xing/hang",   //
		"外壳":  "wai ke/qiao",      //
		"朝阳":  "chao/zhao yang",   //
		"曝光":  "bao/pu guang",     //
		"说服":  "shuo/shui fu",     //
		"校正":  "jiao/xiao zheng",  //
		"巷道":  "hang/xiang dao",   //
		"格栅":  "ge zha/shan",      //
		"六合":  "lu/liu he",        //
		"百色":  "bai/bo se",        //
		"琢磨":  "zhuo/zuo mo",      //
		"荨麻疹": "xun/qian ma zhen", //
	}
	for in, want := range tests {
		if got := spell(hanzi.Syllables(in), true); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestPersonSyllables(t *testing.T) {
	tests := map[string]string{
		"曾国藩":             "zeng/ceng guo fan",
		"单田芳":             "shan/dan tian fang",
		"任正非":             "ren zheng fei",
		"解缙":              "xie/jie jin",
		"仇英":              "qiu/chou ying",
		"区伟":              "ou/qu wei",
		"查良镛":             "zha/cha liang yong",
		"盖叫天":             "ge/gai jiao tian",
		"翟志刚":             "zhai/di zhi gang",
		"朴树":              "piao/pu shu",
		"覃雪梅":             "qin/tan xue mei",
		"尉迟恭":             "yu/wei chi gong",
		"万俟卨":             "mo/wan qi/si xie",
		"长孙无忌":            "zhang/chang sun wu ji",
		"欧阳修":             "ou yang xiu",
		"澹台灭明":            "tan/dan tai mie ming",
		"单于":              "chan/dan/shan yu",
		"乐嘉":              "yue/le jia",
		"张长弓":             "zhang chang/zhang gong",
		"行者":              "xing/hang zhe",
		"張三、曾祥民":          "zhang san zeng/ceng xiang min",
		"北京大学课程组":         "bei jing da xue ke cheng zu",
		"Thomas Müller 曾": "thomas muller zeng/ceng",
	}
	for in, want := range tests {
		if got := spell(hanzi.PersonSyllables(in), true); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestSyllableOffsets(t *testing.T) {
	name := "《Ｃ++》：數據，e\u0301tude 结\u200b构"
	runes := []rune(name)
	want := []string{"Ｃ", "數", "據", "e\u0301tude", "结", "构"}
	syllables := hanzi.Syllables(name)
	if len(syllables) != len(want) {
		t.Fatalf("%d syllables, want %d: %+v", len(syllables), len(want), syllables)
	}
	for i, s := range syllables {
		if got := string(runes[s.Offset : s.Offset+s.Length]); got != want[i] {
			t.Errorf("syllable %d covers %q, want %q", i, got, want[i])
		}
	}
}

func FuzzSyllables(f *testing.F) {
	f.Add("Java多线程", true)
	f.Add("曾·\xff國藩", true)
	f.Add("\u2f08か\u3099Ⅻ", false)
	f.Fuzz(func(t *testing.T, s string, person bool) {
		read := hanzi.Syllables
		if person {
			read = hanzi.PersonSyllables
		}
		end := 0
		for _, syllable := range read(s) {
			if syllable.Offset < end || syllable.Length < 1 {
				t.Fatalf("%q: syllable %+v overlaps the one before it", s, syllable)
			}
			end = syllable.Offset + syllable.Length
			if (syllable.Literal == "") == (syllable.Readings == nil) || len(syllable.Readings) > 4 {
				t.Errorf("%q: syllable %+v is neither a Hanzi nor a literal", s, syllable)
			}
			for _, reading := range syllable.Readings {
				if !hanzi.IsSyllable(reading) {
					t.Errorf("%q: %q is no syllable", s, reading)
				}
			}
		}
		if n := utf8.RuneCountInString(s); end > n {
			t.Errorf("%q: ends at %d of %d runes", s, end, n)
		}
	})
}
