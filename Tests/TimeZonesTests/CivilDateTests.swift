import Testing
import TimeZones

@Suite struct CivilDateTests {
    @Test func `the days of eight hundred years are consecutive`() {
        var expected = (year: 1600, month: 1, day: 1)
        let start = CivilDate(year: 1600, month: 1)
        var weekday = 6
        for number in start.number..<(start.number + 292_194) {
            let date = CivilDate(number: number)
            #expect((date.year, date.month, date.day) == expected)
            #expect(date.weekday == weekday)
            weekday = (weekday + 1) % 7
            expected.day += 1
            if expected.day > date.daysInMonth { expected = (expected.year, expected.month + 1, 1) }
            if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
        }
        #expect(expected == (2400, 1, 1))
    }

    @Test func `a day has the right number and weekday`() {
        #expect(CivilDate(number: 0).weekday == 4)
        #expect(CivilDate(year: 1970, month: 1).number == 0)
        #expect(CivilDate(year: 2028, month: 3).number - CivilDate(year: 2028, month: 2).number == 29)
        #expect(CivilDate(year: 2100, month: 2).daysInMonth == 28)
    }
}
